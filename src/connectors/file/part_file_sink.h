// What the writers of all file sinks have in common.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "weir/connectors/file/part_file.h"
#include "weir/functions/sink.h"

namespace weir {

// Derived classes implement WriteBatch: they append records to parts().buffer() and return parts().Added(). Threads: the task's thread.
class PartFileSinkWriter : public SinkWriterBase {
 public:
  explicit PartFileSinkWriter(std::unique_ptr<PartFileWriter> parts) : parts_(std::move(parts)) {}

  Status OnProcessingTime(Timestamp now) override { return parts_->OnProcessingTime(now); }
  StatusOr<std::vector<std::string>> PrepareEncodedCommit() override;
  Status CommitEncoded(const std::vector<std::string>& committables) override;
  std::shared_ptr<PendingSync> TakePendingSync() override { return parts_->pending_sync(); }
  void OnSnapshotTaken(int64_t checkpoint_id) override { parts_->OnSnapshotTaken(checkpoint_id); }
  std::vector<std::string> SnapshotState() override;
  Status RestoreState(const std::vector<std::string>& states) override;
  Status Close(CloseReason reason) override { return parts_->Close(reason); }

 protected:
  PartFileWriter& parts() { return *parts_; }

 private:
  const std::unique_ptr<PartFileWriter> parts_;
};

// The options that all file sinks have, as chained calls; S is the sink.
template <class S>
class PartFileSinkOptions {
 public:
  // A file is finished, and the next one begun, when it has so many bytes (default 128 MiB) ...
  S& RollAtBytes(int64_t bytes) {
    parts_.max_bytes = bytes;
    return self();
  }
  // ... or is so old (default a minute; zero: never).
  S& RollAfter(Duration age) {
    parts_.max_age = age;
    return self();
  }
  // Files become visible only when a checkpoint that covers them is complete. Without checkpointing: at the end of the job.
  S& ExactlyOnce() {
    parts_.exactly_once = true;
    return self();
  }
  S& Suffix(std::string suffix) {
    parts_.suffix = std::move(suffix);
    return self();
  }

 protected:
  PartFileSinkOptions(std::string folder, std::string suffix) {
    parts_.folder = std::move(folder);
    parts_.suffix = std::move(suffix);
  }
  StatusOr<std::unique_ptr<PartFileWriter>> OpenParts(const RuntimeContext& context, std::string header = {}) const {
    PartFileOptions options = parts_;
    options.header = std::move(header);
    options.parallelism = context.parallelism();
    options.restored_checkpoint = context.restored_checkpoint_id();
    return PartFileWriter::Open(std::move(options), context.file_system(), context.clock(), context.subtask_index());
  }

 private:
  S& self() { return static_cast<S&>(*this); }

  PartFileOptions parts_;
};

}  // namespace weir
