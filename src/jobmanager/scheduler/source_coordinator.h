// Drives the split enumerator of one source vertex: gives it its readers and their requests, passes on the splits that it assigns, and gives back to it
// the splits of readers that failed.
//
// Splits for a reader that has not registered yet wait here. Without checkpoints nothing that a reader was given counts as read before the job ends, so
// all splits ever given to a failed reader go back; if all readers restart, the enumerator is made afresh instead.
//
// Threads: the JobMaster's event loop. User code runs in here; what it throws becomes a failure of the source.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "weir/base/execution/executor.h"
#include "weir/functions/source.h"

namespace weir {

// What a coordinator asks of its JobMaster. Reached only from within calls of the coordinator and its timers.
class SourceCoordinatorHost {
 public:
  virtual ~SourceCoordinatorHost() = default;
  virtual void SendSplits(int vertex, int subtask, std::vector<std::string> splits) = 0;
  virtual void SendNoMoreSplits(int vertex, int subtask) = 0;
  virtual void SourceFailed(int vertex, Status cause) = 0;
};

struct SourceCoordinatorOptions {
  int vertex = 0;  // index in the job graph
  std::string name;
  int parallelism = 1;
  std::shared_ptr<const SourceFactory> source;
  FileSystem* file_system = nullptr;
  Executor* executor = nullptr;  // the JobMaster's event loop
  SourceCoordinatorHost* host = nullptr;
};

class SourceCoordinator final : private EnumeratorContext {
 public:
  explicit SourceCoordinator(SourceCoordinatorOptions options);
  ~SourceCoordinator() override;

  // Makes the enumerator, from the beginning. Readers must register (again).
  Status Start();
  void RegisterReader(int subtask);
  void HandleSplitRequest(int subtask);
  // The attempts of these subtasks have ended and will be run again.
  Status ResetSubtasks(const std::vector<int>& subtasks);

 private:
  struct Reader {
    bool registered = false;
    bool no_more_splits = false;
    std::vector<std::string> assigned;  // all that it was given
  };

  int parallelism() const override { return options_.parallelism; }
  FileSystem& file_system() override { return *options_.file_system; }
  const Clock& clock() const override { return options_.executor->clock(); }
  void AssignEncodedSplit(int subtask, std::string split) override;
  void SignalNoMoreSplits(int subtask) override;
  void CallLater(Duration delay) override;
  void Fail(Status status) override;

  // Runs `call`, which returns a Status, and turns what it throws into one.
  template <class Call>
  Status Guard(const char* what, Call call);
  void Report(Status status);
  bool HasReader(int subtask);
  Status PutSplitsBack(int subtask);

  const SourceCoordinatorOptions options_;
  std::unique_ptr<SplitEnumeratorBase> enumerator_;
  std::vector<Reader> readers_;
  // Timers of an enumerator that has been replaced are recognised by it.
  std::shared_ptr<int64_t> generation_ = std::make_shared<int64_t>(0);
};

}  // namespace weir
