// A Status that must pass through code which has no way to return one: a state handle's look-up inside a user's function.
#pragma once

#include <exception>
#include <string>
#include <utility>

#include "weir/base/status.h"

namespace weir {

// Thrown by the engine below user code only, and turned into its Status again at the task's edge (GuardUserCode).
class StatusException final : public std::exception {
 public:
  explicit StatusException(Status status) : status_(std::move(status)), text_(status_.ToString()) {}

  const Status& status() const { return status_; }
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  Status status_;
  std::string text_;
};

}  // namespace weir
