// "Did you mean": the name that someone who mistyped probably wanted.
#pragma once

#include <string_view>
#include <vector>

namespace weir {

// The candidate with the fewest edits (insert, delete, replace, swap neighbours; case does not count) from `name`, or
// "" when even the nearest is too far to be a slip. Ties: the first.
std::string_view NearestName(std::string_view name, const std::vector<std::string_view>& candidates);

}  // namespace weir
