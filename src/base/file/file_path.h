// Paths as text: joined, taken apart, and stripped of "file:".
#pragma once

#include <string>
#include <string_view>

#include "weir/base/status.h"

namespace weir {

// "a" and "b/c" give "a/b/c"; an absolute second part stands alone; an empty part adds nothing.
std::string JoinPath(std::string_view base, std::string_view path);
// "/a/b" for "/a/b/c" and "/a/b/c/"; "." for "c"; "/" for "/c".
std::string DirectoryName(std::string_view path);
// "c" for "/a/b/c" and "/a/b/c/".
std::string_view BaseName(std::string_view path);
// Without "." and doubled or trailing slashes, ".." taken back where that is certain: "a//./b/../c/" is "a/c". "." when nothing is left.
std::string NormalizePath(std::string_view path);
inline bool IsAbsolutePath(std::string_view path) { return path.starts_with('/'); }

// The path that "file:///a/b", "file:/a/b" or "/a/b" stands for. kInvalidArgument for another scheme ("s3://...") or host.
StatusOr<std::string> PathFromUri(std::string_view uri);

}  // namespace weir
