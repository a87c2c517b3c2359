// Names of source files as people look for them.
#pragma once

#include <string_view>

namespace weir {

// The path of `file` (a __FILE__) inside the tree: "base/check.cc" for ".../src/base/check.cc" and ".../include/weir/base/check.cc";
// other paths stay as they are.
std::string_view SourceFileInTree(std::string_view file);

}  // namespace weir
