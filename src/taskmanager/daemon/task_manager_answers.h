// What a TaskManager tells people about its machine: log files, and where its threads and those of its workers are.
#pragma once

#include <string>

#include "weir/base/execution/strand.h"
#include "weir/base/execution/thread_executor.h"
#include "weir/rpc/job_messages.h"
#include "weir/rpc/task_manager_question.h"

namespace weir {

class FileSystem;
class ProcessWorkerLauncher;

struct TaskManagerAnswersOptions {
  FileSystem* files = nullptr;
  Strand* strand = nullptr;
  ProcessWorkerLauncher* launcher = nullptr;
  std::string jobs_folder;  // of log files
  std::string id;           // the TaskManager's
};

// Threads: the strand, and one of its own that takes stacks, since looking up names takes long.
class TaskManagerAnswers {
 public:
  explicit TaskManagerAnswers(TaskManagerAnswersOptions options) : options_(std::move(options)) {}

  void Answer(const TaskManagerQuestion& question, Reply<std::string> reply);

 private:
  StatusOr<std::string> AboutLogs(const TaskManagerQuestion& question) const;
  void TakeThreads(Reply<std::string> reply);

  const TaskManagerAnswersOptions options_;
  ThreadExecutor dumps_{"weir-stacks"};
};

}  // namespace weir
