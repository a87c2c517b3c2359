#include "weir/base/source_location.h"

namespace weir {

std::string_view SourceFileInTree(std::string_view file) {
  for (const std::string_view root : {std::string_view("/src/"), std::string_view("/include/weir/")}) {
    const size_t at = file.rfind(root);
    if (at != std::string_view::npos) return file.substr(at + root.size());
  }
  return file;
}

}  // namespace weir
