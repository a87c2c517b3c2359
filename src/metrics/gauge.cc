#include "weir/metrics/gauge.h"

#include <charconv>

namespace weir {

std::string GaugeValue::ToString() const {
  if (kind_ == Kind::kText) return text_;
  if (kind_ == Kind::kInteger) return std::to_string(integer_);
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof(text), number_);
  return std::string(text, end);
}

}  // namespace weir
