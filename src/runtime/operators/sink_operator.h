// The end of a chain: drives a sink's writer.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "weir/functions/sink.h"
#include "weir/runtime/operators/operator.h"

namespace weir {

// What a committing writer prepared is committed when a checkpoint that covers it is complete. Without checkpoints that is at the end of the input; a job
// that fails before commits nothing.
class SinkOperator final : public Operator {
 public:
  explicit SinkOperator(std::shared_ptr<const SinkFactory> factory) : factory_(std::move(factory)) {}

  Status Open(const OperatorContext& context) override;
  Status ProcessBatch(int input, BatchBase* batch) override;
  Status EndInput(int input) override;
  Status EndStep() override;
  EventTime NextProcessingTime() const override { return next_tick_; }
  Status OnProcessingTime(EventTime now) override;
  Status Snapshot(OperatorStateWriter& writer) override;
  Status Restore(OperatorStateReader& reader) override;
  Status NotifyCheckpointComplete(int64_t checkpoint_id) override;
  int64_t records_written() const override { return records_written_; }
  Status Close(bool failed) override;

 private:
  // A committable, and the first snapshot that holds it.
  struct Prepared {
    int64_t checkpoint_id;
    std::string committable;
  };
  Status PrepareCommit(int64_t checkpoint_id);
  Status CommitUpTo(int64_t checkpoint_id);

  const std::shared_ptr<const SinkFactory> factory_;
  std::unique_ptr<SinkWriterBase> writer_;
  std::vector<Prepared> prepared_;  // not committed yet; ascending by checkpoint
  bool has_checkpoints_ = false;
  EventTime next_tick_ = kNoEventTime;
  const Clock* clock_ = nullptr;
  int64_t records_written_ = 0;
  bool dirty_ = false;  // wrote since the last flush
  bool ended_ = false;
  int64_t last_snapshot_ = 0;   // the first after the end of the input; 0: none yet
  bool all_committed_ = false;  // the last snapshot is complete
};

}  // namespace weir
