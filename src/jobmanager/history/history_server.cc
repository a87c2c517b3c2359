#include "weir/jobmanager/history/history_server.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "weir/base/execution/thread_executor.h"
#include "weir/base/file/file_path.h"
#include "weir/base/file/file_system.h"
#include "weir/base/logging.h"
#include "weir/config/configuration.h"
#include "weir/config/history_options.h"
#include "weir/config/rest_options.h"
#include "weir/jobmanager/archive/job_archives.h"
#include "weir/jobmanager/rest/rest_server.h"

namespace weir {

// In the order of their making.
struct HistoryServer::Parts {
  Parts(JobArchivesOptions archive_options, Duration refresh_interval)
      : archives(WithFiles(std::move(archive_options))), interval(refresh_interval) {}
  ~Parts() {
    rest.reset();
    loop.Shutdown();
  }

  JobArchivesOptions WithFiles(JobArchivesOptions archive_options) {
    archive_options.files = &files;
    return archive_options;
  }
  void Refresh() {
    const Status read = archives.Refresh(FromEventTime(loop.clock().WallMillis()));
    if (!read.ok()) WEIR_LOG(kWarning, "archives cannot be read, those of before are shown: {}", read.message());
  }
  // On the loop, from now on.
  void RefreshLater() {
    loop.PostAfter(interval, [this] {
      Refresh();
      RefreshLater();
    });
  }

  LocalFileSystem files;
  JobArchives archives;
  const Duration interval;
  ThreadExecutor loop{"weir-history"};
  std::unique_ptr<RestServer> rest;
};

namespace {

std::vector<std::string> Split(const std::string& text) {
  std::vector<std::string> parts;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    std::string part = text.substr(begin, end - begin);
    part.erase(0, part.find_first_not_of(' '));
    part.erase(part.find_last_not_of(' ') + 1);
    if (!part.empty()) parts.push_back(std::move(part));
    begin = end + 1;
  }
  return parts;
}

StatusOr<std::vector<std::string>> FoldersOf(const Configuration& configuration) {
  const std::string own = configuration.Get(kHistoryServerArchiveDir);
  std::vector<std::string> folders = Split(own.empty() ? configuration.Get(kArchiveDir) : own);
  if (folders.empty()) {
    return InvalidArgumentError(
        "historyserver.archive.fs.dir is not set: it names the folder that JobManagers write archives of jobs to. Set "
        "it, and jobmanager.archive.fs.dir, to the same folder in config.yaml");
  }
  for (std::string& folder : folders) {
    WEIR_ASSIGN_OR_RETURN(const std::string path, PathFromUri(folder));
    folder = NormalizePath(path);
  }
  return folders;
}

// The REST server reads the keys of a JobManager's.
Configuration RestConfigurationOf(const Configuration& configuration) {
  Configuration rest = configuration;
  const auto set = [&rest](const OptionBase& option, const std::string& value) {
    rest.SetText(option.key(), value, "the history server");
  };
  set(kRestPort, configuration.Get(kHistoryServerPort));
  set(kRestAddress, configuration.Get(kHistoryServerAddress));
  set(kRestBindAddress, configuration.Get(kHistoryServerAddress));
  set(kRestSslEnabled, configuration.Get(kHistoryServerSsl) ? "true" : "false");
  set(kWebRefreshInterval, std::to_string(configuration.Get(kHistoryServerWebRefresh).count()) + " ms");
  return rest;
}

}  // namespace

StatusOr<std::unique_ptr<HistoryServer>> HistoryServer::Start(const Configuration& configuration) {
  JobArchivesOptions archives;
  WEIR_ASSIGN_OR_RETURN(archives.folders, FoldersOf(configuration));
  const int retained = configuration.Get(kHistoryServerRetainedJobs);
  if (retained >= 0) archives.most_jobs = static_cast<size_t>(retained);
  auto parts = std::make_unique<Parts>(std::move(archives), configuration.Get(kHistoryServerRefresh));
  parts->Refresh();
  RestContextOptions rest;
  rest.configuration = std::make_shared<const Configuration>(RestConfigurationOf(configuration));
  rest.clock = &parts->loop.clock();
  rest.archives = &parts->archives;
  rest.is_history_server = true;
  WEIR_ASSIGN_OR_RETURN(parts->rest, RestServer::Start(std::move(rest)));
  parts->RefreshLater();
  return std::unique_ptr<HistoryServer>(new HistoryServer(std::move(parts)));
}

HistoryServer::HistoryServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
HistoryServer::~HistoryServer() = default;

int HistoryServer::port() const { return parts_->rest->port(); }

}  // namespace weir
