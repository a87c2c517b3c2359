#include "weir/types/print.h"

#include <charconv>

namespace weir::internal {

namespace {

template <class T>
void Append(T value, std::string& out) {
  char text[40];  // the longest double takes 24
  const auto [end, error] = std::to_chars(text, text + sizeof(text), value);
  out.append(text, end);
}

}  // namespace

void AppendNumber(int64_t value, std::string& out) { Append(value, out); }
void AppendNumber(uint64_t value, std::string& out) { Append(value, out); }
void AppendNumber(double value, std::string& out) { Append(value, out); }
void AppendNumber(float value, std::string& out) { Append(value, out); }

}  // namespace weir::internal
