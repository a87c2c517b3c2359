// Files by pattern: "logs/2024-*/part-?.csv".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "weir/base/file/file_system.h"

namespace weir {

// True when `text` has a character that a pattern gives a meaning: * ? [ {
bool IsGlobPattern(std::string_view text);

// `*` any characters, `?` one, `[a-z]` and `[!a-z]` one of a set, `{a,b}` alternatives (not nested), `\` takes the meaning away. No `/` is special here.
bool MatchesGlob(std::string_view pattern, std::string_view text);

// Files and directories whose path matches, part by part, sorted. A pattern's `*` does not match a leading dot. Empty when nothing matches; errors other than
// a missing directory stay.
StatusOr<std::vector<FileInfo>> Glob(FileSystem& files, const std::string& pattern);

}  // namespace weir
