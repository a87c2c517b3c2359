#include "weir/taskmanager/daemon/task_manager_answers.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "weir/base/crash/thread_stacks.h"
#include "weir/base/file/file_system.h"
#include "weir/base/mutex.h"
#include "weir/rpc/in_memory_gateways.h"
#include "weir/rpc/program/log_folder.h"
#include "weir/taskmanager/process/process_worker_launcher.h"

namespace weir {
namespace {

// A message must not keep others waiting.
constexpr uint64_t kLongestAnswer = uint64_t{1} << 20;
// A thread that gets a CPU answers within microseconds; others may have it.
constexpr Duration kStacksPatience{2000};

// Collects what processes say of their threads. When the last of those who may add to it has let go of it, the answer is whole.
class ThreadGathering {
 public:
  ThreadGathering(Mailbox post, Reply<std::string> reply) : post_(std::move(post)), reply_(std::move(reply)) {}
  ThreadGathering(const ThreadGathering&) = delete;
  ThreadGathering& operator=(const ThreadGathering&) = delete;
  ~ThreadGathering() {
    std::string all;
    for (const auto& [process, text] : texts_) all += text;
    post_([reply = std::move(reply_), all = std::move(all)]() mutable { reply(std::move(all)); });
  }

  // Texts are put in the order of `process`.
  void Add(int process, std::string text) {
    MutexLock lock(mutex_);
    texts_[process] = std::move(text);
  }

 private:
  const Mailbox post_;
  Reply<std::string> reply_;
  Mutex mutex_;
  std::map<int, std::string> texts_;  // guarded by mutex_ until the destructor, which is alone
};

}  // namespace

void TaskManagerAnswers::Answer(const TaskManagerQuestion& question, Reply<std::string> reply) {
  if (question.kind == TaskManagerQuestion::Kind::kThreads) return TakeThreads(std::move(reply));
  reply(AboutLogs(question));
}

void TaskManagerAnswers::TakeThreads(Reply<std::string> reply) {
  const auto gathering = std::make_shared<ThreadGathering>(MailboxOf(*options_.strand), std::move(reply));
  dumps_.Post([gathering] { gathering->Add(-1, ThreadStacksText(TakeThreadStacks("TaskManager", kStacksPatience))); });
  options_.launcher->FetchThreads(
      [gathering](int process, std::string text) { gathering->Add(process, std::move(text)); });
}

StatusOr<std::string> TaskManagerAnswers::AboutLogs(const TaskManagerQuestion& question) const {
  const LogFolder logs({.files = options_.files,
                        .own_log = OwnLogFile(),
                        .jobs_folder = options_.jobs_folder,
                        .job_prefix = options_.id + "-"});
  const uint64_t length = std::min(question.length, kLongestAnswer);
  switch (question.kind) {
    case TaskManagerQuestion::Kind::kLogs:
      return LogListText(logs.List());
    case TaskManagerQuestion::Kind::kReadLog:
      return logs.Read(question.name, question.offset, length);
    case TaskManagerQuestion::Kind::kFollowLog: {
      WEIR_ASSIGN_OR_RETURN(const FilePiece piece,
                            logs.Follow(question.name, {question.file, question.offset}, length));
      return FollowedText(piece);
    }
    case TaskManagerQuestion::Kind::kThreads:
    case TaskManagerQuestion::Kind::kRows:
      break;  // the workers' affair
  }
  return UnimplementedError("the JobManager asks what this TaskManager does not know");
}

}  // namespace weir
