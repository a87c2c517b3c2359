#include "weir/config/config_value.h"

#include <limits>

namespace weir {

StatusOr<int> ConfigValue<int>::Parse(std::string_view text) {
  WEIR_ASSIGN_OR_RETURN(const int64_t value, ParseInt64(text));
  if (value < std::numeric_limits<int>::min() || value > std::numeric_limits<int>::max()) {
    return InvalidArgumentError("a whole number from -2147483648 to 2147483647");
  }
  return static_cast<int>(value);
}

}  // namespace weir
