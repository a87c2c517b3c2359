#include "weir/jobmanager/daemon/job_logs.h"

#include <algorithm>
#include <map>
#include <utility>

#include "weir/base/mutex.h"
#include "weir/rpc/program/log_folder.h"

namespace weir {
namespace {

// A message must not keep others waiting.
constexpr uint64_t kLongestPiece = uint64_t{1} << 20;

std::vector<JobLogFile> FilesOf(JobId job, const std::string& task_manager, const std::vector<LogFile>& files) {
  std::vector<JobLogFile> found;
  for (const LogFile& file : files) {
    if (file.name.starts_with(job.ToHex() + "_")) found.push_back({.task_manager = task_manager, .name = file.name});
  }
  return found;
}

// Collects what TaskManagers answer. When the last that may answer has let go of it, the list is whole: one that is gone is left out.
class LogGathering {
 public:
  explicit LogGathering(Reply<std::vector<JobLogFile>> reply) : reply_(std::move(reply)) {}
  LogGathering(const LogGathering&) = delete;
  LogGathering& operator=(const LogGathering&) = delete;
  ~LogGathering() {
    std::vector<JobLogFile> all;
    for (auto& [machine, files] : found_) all.insert(all.end(), files.begin(), files.end());
    reply_(std::move(all));
  }

  void Add(const std::string& task_manager, std::vector<JobLogFile> files) {
    MutexLock lock(mutex_);
    found_[task_manager] = std::move(files);
  }

 private:
  Reply<std::vector<JobLogFile>> reply_;
  Mutex mutex_;
  std::map<std::string, std::vector<JobLogFile>> found_;  // guarded by mutex_ until the destructor, which is alone
};

}  // namespace

void ClusterJobLogs::ListLogs(JobId job_id, Reply<std::vector<JobLogFile>> reply) {
  const auto gathering = std::make_shared<LogGathering>(std::move(reply));
  gathering->Add("", FilesOf(job_id, "", own_->List()));
  resources_->RequestTaskManagers(
      [resources = resources_, job_id, gathering](StatusOr<std::vector<TaskManagerOverview>> managers) {
        if (!managers.ok()) return;
        for (const TaskManagerOverview& manager : *managers) {
          resources->AskTaskManager(manager.id, {.kind = TaskManagerQuestion::Kind::kLogs},
                                    [job_id, gathering, id = manager.id.value()](StatusOr<std::string> list) {
                                      if (list.ok()) gathering->Add(id, FilesOf(job_id, id, ParseLogList(*list)));
                                    });
        }
      });
}

void ClusterJobLogs::FollowLog(JobLogFile file, FilePosition from, uint64_t length, Reply<FilePiece> reply) {
  const uint64_t most = std::min(length, kLongestPiece);
  if (file.task_manager.empty()) return reply(own_->Follow(file.name, from, most));
  const TaskManagerQuestion question{.kind = TaskManagerQuestion::Kind::kFollowLog,
                                     .name = file.name,
                                     .offset = from.offset,
                                     .length = most,
                                     .file = from.file};
  resources_->AskTaskManager(TaskManagerId(file.task_manager), question,
                             [reply = std::move(reply)](StatusOr<std::string> text) mutable {
                               if (!text.ok()) return reply(text.status());
                               reply(ParseFollowed(*text));
                             });
}

}  // namespace weir
