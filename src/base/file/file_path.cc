#include "weir/base/file/file_path.h"

#include <vector>

namespace weir {
namespace {

std::string_view WithoutTrailingSlashes(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path;
}

// The parts between slashes, with "." and ".." worked out.
std::vector<std::string_view> EffectiveParts(std::string_view path) {
  std::vector<std::string_view> parts;
  const bool absolute = IsAbsolutePath(path);
  while (!path.empty()) {
    const size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
    } else if (!parts.empty() && parts.back() != "..") {
      parts.pop_back();
    } else if (!absolute) {
      parts.push_back(part);
    }
  }
  return parts;
}

}  // namespace

std::string JoinPath(std::string_view base, std::string_view path) {
  if (base.empty() || IsAbsolutePath(path)) return std::string(path);
  if (path.empty()) return std::string(base);
  std::string joined(base);
  if (!joined.ends_with('/')) joined += '/';
  return joined.append(path);
}

std::string DirectoryName(std::string_view path) {
  path = WithoutTrailingSlashes(path);
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return std::string(WithoutTrailingSlashes(path.substr(0, slash == 0 ? 1 : slash)));
}

std::string_view BaseName(std::string_view path) {
  path = WithoutTrailingSlashes(path);
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos || path.size() == 1 ? path : path.substr(slash + 1);
}

std::string NormalizePath(std::string_view path) {
  std::string normal = IsAbsolutePath(path) ? "/" : "";
  for (const std::string_view part : EffectiveParts(path)) {
    if (!normal.empty() && !normal.ends_with('/')) normal += '/';
    normal.append(part);
  }
  return normal.empty() ? "." : normal;
}

StatusOr<std::string> PathFromUri(std::string_view uri) {
  constexpr std::string_view kScheme = "file:";
  if (!uri.starts_with(kScheme)) {
    const size_t scheme_end = uri.find("://");
    if (scheme_end == std::string_view::npos || uri.substr(0, scheme_end).find('/') != std::string_view::npos)
      return std::string(uri);
    return InvalidArgumentError("no file system for \"" + std::string(uri) +
                                "\"; expected a path or a URI that begins with file://");
  }
  std::string_view rest = uri.substr(kScheme.size());
  if (rest.starts_with("//")) rest.remove_prefix(2);
  constexpr std::string_view kLocalhost = "localhost/";
  if (rest.starts_with(kLocalhost)) rest.remove_prefix(kLocalhost.size() - 1);
  if (!IsAbsolutePath(rest)) {
    return InvalidArgumentError("\"" + std::string(uri) +
                                "\" names a host; a file: URI has three slashes before the path: file:///data/in");
  }
  return std::string(rest);
}

}  // namespace weir
