// Drives the split enumerator of one source vertex: gives it its readers and their requests, passes on the splits that it assigns, and gives back to it
// the splits of readers that failed.
//
// Splits for a reader that has not registered yet wait here. What a reader was given counts as its own once a checkpoint that was triggered later is
// complete: the reader's state then tells how far it got. All others go back to the enumerator when the reader fails; if all readers restart, the
// enumerator is made from the checkpoint's state, or afresh without one.
//
// Threads: the JobMaster's event loop. User code runs in here; what it throws becomes a failure of the source.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "weir/base/execution/executor.h"
#include "weir/base/ids.h"
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

  // Makes the enumerator: from what Snapshot returned, or from the beginning (nullptr). Readers must register (again).
  Status Start(const std::string* restored = nullptr);
  void RegisterReader(int subtask);
  void HandleSplitRequest(int subtask);
  // The attempts of these subtasks have ended and will be run again, from the last complete checkpoint; `restored`: what Snapshot returned for it.
  Status ResetSubtasks(const std::vector<int>& subtasks, const std::string* restored = nullptr);

  // The enumerator's state for checkpoint `id`, at the moment of its trigger (docs/checkpointing.md, step 3): whatever was sent to a reader before is in that
  // reader's state. An error: the enumerator threw.
  StatusOr<std::string> Snapshot(CheckpointId id);
  // The checkpoint is complete.
  void OnCheckpointComplete(CheckpointId id);

 private:
  struct Assignment {
    std::string split;
    bool sent = false;
    CheckpointId covered_by = {};  // the first checkpoint that was triggered after it was sent
  };
  struct Reader {
    bool registered = false;
    bool no_more_splits = false;
    std::vector<Assignment> assigned;  // those that no complete checkpoint covers
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
  // Begins again with the enumerator's own state, without splits that waited for their readers.
  Status StartEnumerator(const std::string* state);

  const SourceCoordinatorOptions options_;
  std::unique_ptr<SplitEnumeratorBase> enumerator_;
  std::vector<Reader> readers_;
  // Timers of an enumerator that has been replaced are recognised by it.
  std::shared_ptr<int64_t> generation_ = std::make_shared<int64_t>(0);
};

}  // namespace weir
