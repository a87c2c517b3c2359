#include "weir/jobmanager/rest/web_assets.h"

#include <algorithm>
#include <utility>

#include "weir/base/file/file_contents.h"
#include "weir/base/file/process.h"
#include "weir/base/hash.h"

namespace weir {

namespace {

constexpr std::string_view kPage = "/index.html";
constexpr std::string_view kGzip = ".gz";
// "/ui/task-managers/<id>/log-files/<name>" is the deepest address.
constexpr size_t kMostDepth = 8;
// Scripts and styles are the UI's own files and nothing else; charts and the graph set styles from scripts, which this allows.
constexpr const char* kContentPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

constexpr std::string_view kNotBuilt = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Weir</title></head>
<body><h1>The REST API runs here; the web UI was not built</h1>
<p>To build it, install Node.js (18 or later) and npm, and build Weir again:</p>
<pre>apt-get install --no-install-recommends nodejs npm
cmake --preset release &amp;&amp; cmake --build --preset release</pre>
<p>The UI's files then lie in <code>share/weir/web</code>. What is here now: <a href="/overview">/overview</a>,
<a href="/jobs/overview">/jobs/overview</a>, <a href="/taskmanagers">/taskmanagers</a>.</p>
</body></html>
)";

constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
    {".html", "text/html; charset=utf-8"}, {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},   {".svg", "image/svg+xml"},
    {".json", "application/json"},         {".txt", "text/plain; charset=utf-8"},
};

std::string_view TypeOf(std::string_view path) {
  for (const auto& [ending, type] : kTypes) {
    if (path.ends_with(ending)) return type;
  }
  return "application/octet-stream";
}

bool IsUiRoute(std::string_view path) { return path == "/" || path == "/ui" || path.starts_with("/ui/"); }

// Names of files in assets/ carry a hash of their content, so what a name stands for never changes.
bool IsImmutable(std::string_view path) { return path.starts_with("/assets/"); }

// How many folders deep a path is: 0 for "/" and "/ui".
size_t DepthOf(std::string_view path) {
  return static_cast<size_t>(std::ranges::count(path.empty() ? path : path.substr(1), '/'));
}

// The page with its relative addresses as they are from `depth` folders below.
std::string PageAt(size_t depth, const std::string& page) {
  constexpr std::string_view kHere = "=\"./";
  std::string root = "=\"";
  for (size_t i = 0; i < depth; ++i) root += "../";
  std::string placed;
  size_t begin = 0;
  for (size_t at = page.find(kHere); at != std::string::npos; at = page.find(kHere, begin)) {
    placed.append(page, begin, at - begin).append(root);
    begin = at + kHere.size();
  }
  return placed.append(page, begin);
}

WebAnswer NoSuchFile() {
  return {.status = 404, .body = "no such file\n", .content_type = "text/plain; charset=utf-8"};
}

}  // namespace

StatusOr<WebAssets> WebAssets::Load(FileSystem& files, const std::string& folder) {
  WebAssets loaded;
  WEIR_ASSIGN_OR_RETURN(const bool is_there, files.Exists(folder));
  if (!is_there) return loaded;
  std::vector<std::string> folders = {folder};
  WEIR_ASSIGN_OR_RETURN(std::vector<FileInfo> found, files.List(folder));
  for (size_t i = 0; i < found.size(); ++i) {
    const FileInfo info = found[i];
    if (info.IsDirectory() && info.path.find('/', folder.size() + 1) == std::string::npos) {
      WEIR_ASSIGN_OR_RETURN(const std::vector<FileInfo> inner, files.List(info.path));
      found.insert(found.end(), inner.begin(), inner.end());
    }
    if (!info.IsFile()) continue;
    WEIR_ASSIGN_OR_RETURN(std::string content, ReadWholeFile(files, info.path));
    const std::string name = info.path.substr(folder.size());
    if (name.ends_with(kGzip)) {
      loaded.assets_[name.substr(0, name.size() - kGzip.size())].gzipped = std::move(content);
    } else {
      Asset& asset = loaded.assets_[name];
      asset.etag = '"' + std::to_string(HashBytes(content)) + '"';
      asset.content = std::move(content);
    }
  }
  loaded.MakePages();
  return loaded;
}

void WebAssets::MakePages() {
  const auto found = assets_.find(kPage);
  if (found == assets_.end()) return;
  pages_.push_back(found->second);
  for (size_t depth = 1; depth <= kMostDepth; ++depth) {
    std::string content = PageAt(depth, found->second.content);
    std::string etag = '"' + std::to_string(HashBytes(content)) + '"';
    // Some hundred bytes: not worth compressing.
    pages_.push_back({.content = std::move(content), .gzipped = {}, .etag = std::move(etag)});
  }
}

const WebAssets::Asset* WebAssets::Find(std::string_view path) const {
  if (IsUiRoute(path)) {
    const size_t depth = DepthOf(path);
    return depth < pages_.size() ? &pages_[depth] : nullptr;
  }
  const auto found = assets_.find(path);
  return found == assets_.end() ? nullptr : &found->second;
}

bool WebAssets::Serves(std::string_view path) const {
  return IsUiRoute(path) || IsImmutable(path) || assets_.find(path) != assets_.end();
}

WebAnswer WebAssets::Answer(std::string_view path, const WebRequest& request) const {
  const Asset* const found = Find(path);
  if (found == nullptr) {
    if (!IsUiRoute(path) || is_built()) return NoSuchFile();
    return {.body = kNotBuilt, .headers = {{"Content-Security-Policy", kContentPolicy}, {"Cache-Control", "no-cache"}}};
  }
  const Asset& asset = *found;
  WebAnswer answer{
      .content_type = TypeOf(IsUiRoute(path) ? kPage : path),
      .headers = {{"Content-Security-Policy", kContentPolicy},
                  {"Vary", "Accept-Encoding"},
                  {"ETag", asset.etag},
                  {"Cache-Control", IsImmutable(path) ? "public, max-age=31536000, immutable" : "no-cache"}}};
  if (!request.known_etag.empty() && request.known_etag.find(asset.etag) != std::string_view::npos) {
    answer.status = 304;
    return answer;
  }
  const bool gzips = request.accepts_gzip && !asset.gzipped.empty();
  if (gzips) answer.headers.emplace_back("Content-Encoding", "gzip");
  answer.body = gzips ? asset.gzipped : asset.content;
  return answer;
}

StatusOr<std::string> InstalledWebFolder() {
  WEIR_ASSIGN_OR_RETURN(const std::string library, CurrentLibraryPath());
  const std::string folder = library.substr(0, library.rfind('/'));
  return folder.substr(0, folder.rfind('/')) + "/share/weir/web";
}

}  // namespace weir
