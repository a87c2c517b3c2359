#include "weir/base/file/path_glob.h"

#include <algorithm>

#include "weir/base/file/file_path.h"

namespace weir {
namespace {

// Position after the `]` of the set that begins at `pattern[0]` == '['; npos when it does not end, and the bracket is then a plain character.
size_t SetEnd(std::string_view pattern) {
  size_t at = 1;
  if (at < pattern.size() && (pattern[at] == '!' || pattern[at] == '^')) ++at;
  if (at < pattern.size() && pattern[at] == ']') ++at;  // first in the set it stands for itself
  const size_t end = pattern.find(']', at);
  return end == std::string_view::npos ? end : end + 1;
}

bool SetContains(std::string_view set, char c) {
  const bool negated = set.starts_with('!') || set.starts_with('^');
  if (negated) set.remove_prefix(1);
  bool found = false;
  while (!set.empty()) {
    const bool is_range = set.size() >= 3 && set[1] == '-';
    found |= is_range ? set[0] <= c && c <= set[2] : set[0] == c;
    set.remove_prefix(is_range ? 3 : 1);
  }
  return found != negated;
}

// Length of the pattern's first element (not `*`), and whether it matches `c`.
struct ElementMatch {
  size_t length;
  bool matches;
};

ElementMatch MatchElement(std::string_view pattern, char c) {
  if (pattern[0] == '?') return {1, true};
  if (pattern[0] == '\\' && pattern.size() > 1) return {2, pattern[1] == c};
  if (pattern[0] == '[') {
    const size_t end = SetEnd(pattern);
    if (end != std::string_view::npos) return {end, SetContains(pattern.substr(1, end - 2), c)};
  }
  return {1, pattern[0] == c};
}

// Without alternatives. Goes back to the last `*` only, which is enough and keeps the time at length times length.
bool MatchesPlain(std::string_view pattern, std::string_view text) {
  size_t p = 0;
  size_t t = 0;
  size_t after_star = std::string_view::npos;
  size_t star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      after_star = ++p;
      star_text = t;
      continue;
    }
    if (p < pattern.size()) {
      const ElementMatch element = MatchElement(pattern.substr(p), text[t]);
      if (element.matches) {
        p += element.length;
        ++t;
        continue;
      }
    }
    if (after_star == std::string_view::npos) return false;
    p = after_star;
    t = ++star_text;
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

// The pattern once per choice of its alternatives.
std::vector<std::string> ExpandAlternatives(const std::string& pattern) {
  const size_t open = pattern.find('{');
  const size_t close = open == std::string::npos ? open : pattern.find('}', open);
  if (close == std::string::npos || (open > 0 && pattern[open - 1] == '\\')) return {pattern};
  std::vector<std::string> expanded;
  for (size_t at = open + 1; at <= close;) {
    const size_t end = std::min(pattern.find(',', at), close);
    for (std::string& rest : ExpandAlternatives(pattern.substr(close + 1))) {
      expanded.push_back(pattern.substr(0, open) + pattern.substr(at, end - at) + rest);
    }
    at = end + 1;
  }
  return expanded;
}

Status AddMatches(FileSystem& files, const std::string& base, std::string_view pattern,
                  std::vector<FileInfo>& matches) {
  const size_t slash = pattern.find('/');
  const std::string part(pattern.substr(0, slash));
  const std::string_view rest = slash == std::string_view::npos ? std::string_view() : pattern.substr(slash + 1);
  const bool is_last = slash == std::string_view::npos || rest.empty();
  if (!IsGlobPattern(part)) {
    const std::string path = part.empty() ? base : JoinPath(base, part);
    if (!is_last) return AddMatches(files, path, rest, matches);
    const StatusOr<FileInfo> info = files.Stat(path);
    if (info.ok()) matches.push_back(*info);
    return info.ok() || info.status().code() == StatusCode::kNotFound ? OkStatus() : info.status();
  }
  const StatusOr<std::vector<FileInfo>> entries = files.List(base.empty() ? "." : base);
  if (!entries.ok()) return entries.status().code() == StatusCode::kNotFound ? OkStatus() : entries.status();
  for (const FileInfo& entry : *entries) {
    const std::string_view name = BaseName(entry.path);
    if ((name.starts_with('.') && !part.starts_with('.')) || !MatchesGlob(part, name)) continue;
    const std::string path = JoinPath(base, name);
    if (is_last) {
      matches.push_back(entry);
      matches.back().path = path;
    } else if (entry.IsDirectory()) {
      WEIR_RETURN_IF_ERROR(AddMatches(files, path, rest, matches));
    }
  }
  return OkStatus();
}

}  // namespace

bool IsGlobPattern(std::string_view text) { return text.find_first_of("*?[{") != std::string_view::npos; }

bool MatchesGlob(std::string_view pattern, std::string_view text) {
  const std::vector<std::string> plain = ExpandAlternatives(std::string(pattern));
  return std::any_of(plain.begin(), plain.end(), [&](const std::string& one) { return MatchesPlain(one, text); });
}

StatusOr<std::vector<FileInfo>> Glob(FileSystem& files, const std::string& pattern) {
  WEIR_ASSIGN_OR_RETURN(const std::string path, PathFromUri(pattern));
  std::vector<FileInfo> matches;
  // Expanded first, since an alternative may hold a slash.
  for (const std::string& plain : ExpandAlternatives(path)) {
    const bool absolute = IsAbsolutePath(plain);
    WEIR_RETURN_IF_ERROR(
        AddMatches(files, absolute ? "/" : "", std::string_view(plain).substr(absolute ? 1 : 0), matches));
  }
  const auto by_path = [](const FileInfo& a, const FileInfo& b) { return a.path < b.path; };
  std::sort(matches.begin(), matches.end(), by_path);
  matches.erase(std::unique(matches.begin(), matches.end(),
                            [](const FileInfo& a, const FileInfo& b) { return a.path == b.path; }),
                matches.end());
  return matches;
}

}  // namespace weir
