// Names of side outputs.
#pragma once

#include <string>
#include <utility>

namespace weir {

// A side output of records of type T. Two tags are the same output of an operator if their names are equal.
template <class T>
struct OutputTag {
  using Record = T;
  explicit OutputTag(std::string name) : name(std::move(name)) {}
  std::string name;
};

}  // namespace weir
