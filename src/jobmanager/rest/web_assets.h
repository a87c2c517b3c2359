// The files of the web UI, read once and kept in memory: a request names one of them or none, so no path can lead out of the folder.
//
//   const WebAssets assets = WebAssets::Load(files, folder);
//   if (assets.Serves(path)) answer = assets.Answer(path, {.accepts_gzip = true});
//
// The build (web/) writes every file a second time as <file>.gz; that is what a browser gets.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/base/file/file_system.h"
#include "weir/base/status.h"

namespace weir {

struct WebRequest {
  bool accepts_gzip = false;
  std::string_view known_etag = {};  // If-None-Match: what the browser has
};

struct WebAnswer {
  int status = 200;
  std::string_view body = {};  // of the WebAssets that answered
  std::string_view content_type = "text/html; charset=utf-8";
  std::vector<std::pair<std::string, std::string>> headers = {};
};

// Threads: any, once it is loaded.
class WebAssets {
 public:
  // The page names its files relative to itself ("./assets/..."), so that a proxy may put a prefix before all addresses; it is kept once for every depth at
  // which it is shown.
  //
  // All files below `folder`, two levels deep. A folder that is not there is a UI that was not built: then pages say how to get it.
  static StatusOr<WebAssets> Load(FileSystem& files, const std::string& folder);

  // Whether a path is the UI's: `/`, `/ui/...`, which all show the one page, `/assets/...` and files beside the page. The others are the REST API's.
  bool Serves(std::string_view path) const;
  // The answer to GET of a path that the UI serves.
  WebAnswer Answer(std::string_view path, const WebRequest& request) const;

  bool is_built() const { return !pages_.empty(); }

 private:
  struct Asset {
    std::string content;
    std::string gzipped;  // empty: the build made none
    std::string etag;
  };

  void MakePages();
  // What a path stands for; null: nothing.
  const Asset* Find(std::string_view path) const;

  // By path: "/favicon.svg", "/assets/main-3f2a.js".
  std::map<std::string, Asset, std::less<>> assets_;
  // The page by its depth: [0] for "/", [2] for "/ui/jobs/1f2e".
  std::vector<Asset> pages_;
};

// Where an installation and a build tree keep the UI: share/weir/web beside the folder that libweir.so is in.
StatusOr<std::string> InstalledWebFolder();

}  // namespace weir
