#include "weir/runtime/operators/sink_operator.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

#include "weir/base/clock.h"
#include "weir/runtime/operators/operator_state.h"

namespace weir {

namespace {

// How often a writer may look at the clock (rolling by time).
constexpr int64_t kTickMs = 1000;
// Above every checkpoint.
constexpr int64_t kEndOfJob = std::numeric_limits<int64_t>::max();

// By the task, where it has nothing else to do.
Status SyncNow(SinkWriterBase& writer) {
  const std::shared_ptr<PendingSync> sync = writer.TakePendingSync();
  return sync != nullptr ? sync->Sync() : OkStatus();
}

}  // namespace

Status SinkOperator::Open(const OperatorContext& context) {
  clock_ = context.clock;
  has_checkpoints_ = context.has_checkpoints;
  next_tick_ = clock_->WallMillis() + kTickMs;
  WEIR_ASSIGN_OR_RETURN(writer_, factory_->CreateWriter(*context.runtime));
  return OkStatus();
}

Status SinkOperator::ProcessBatch(int, BatchBase* batch) {
  BatchPtr owner(batch);
  if (batch->count() == 0) return OkStatus();
  dirty_ = true;
  records_written_ += batch->count();
  return writer_->WriteBatch(*batch);
}

Status SinkOperator::EndInput(int) {
  ended_ = true;
  dirty_ = false;  // nothing is flushed behind the last commit
  WEIR_RETURN_IF_ERROR(writer_->Flush(true));
  // The last checkpoint of the job prepares and commits what is left.
  if (has_checkpoints_) return OkStatus();
  WEIR_RETURN_IF_ERROR(PrepareCommit(kEndOfJob));
  WEIR_RETURN_IF_ERROR(SyncNow(*writer_));
  return CommitUpTo(kEndOfJob);
}

Status SinkOperator::PrepareCommit(int64_t checkpoint_id) {
  WEIR_ASSIGN_OR_RETURN(std::vector<std::string> committables, writer_->PrepareEncodedCommit());
  for (std::string& committable : committables) prepared_.push_back({checkpoint_id, std::move(committable)});
  return OkStatus();
}

Status SinkOperator::CommitUpTo(int64_t checkpoint_id) {
  const auto end = std::ranges::upper_bound(prepared_, checkpoint_id, {}, &Prepared::checkpoint_id);
  if (end == prepared_.begin()) return OkStatus();
  std::vector<std::string> covered;
  for (auto each = prepared_.begin(); each != end; ++each) covered.push_back(each->committable);
  WEIR_RETURN_IF_ERROR(writer_->CommitEncoded(covered));
  prepared_.erase(prepared_.begin(), end);
  return OkStatus();
}

Status SinkOperator::EndStep() {
  if (!dirty_) return OkStatus();
  dirty_ = false;
  return writer_->Flush(false);
}

Status SinkOperator::OnProcessingTime(EventTime now) {
  next_tick_ = now + kTickMs;
  return writer_->OnProcessingTime(FromEventTime(now));
}

Status SinkOperator::Snapshot(OperatorStateWriter& writer) {
  if (!ended_) WEIR_RETURN_IF_ERROR(writer_->Flush(false));
  WEIR_RETURN_IF_ERROR(PrepareCommit(writer.checkpoint_id()));
  writer.AddPendingSync(writer_->TakePendingSync());
  if (ended_ && last_snapshot_ == 0) last_snapshot_ = writer.checkpoint_id();
  std::vector<std::string> committables;
  for (const Prepared& prepared : prepared_) committables.push_back(prepared.committable);
  writer.AddElements("writer", Redistribution::kSplit, writer_->SnapshotState());
  writer.AddElements("committables", Redistribution::kSplit, committables);
  writer_->OnSnapshotTaken(writer.checkpoint_id());
  return OkStatus();
}

Status SinkOperator::Restore(OperatorStateReader& reader) {
  WEIR_RETURN_IF_ERROR(writer_->RestoreState(reader.Elements("writer")));
  // They were covered by the checkpoint that is being restored; committing is idempotent.
  return writer_->CommitEncoded(reader.Elements("committables"));
}

Status SinkOperator::NotifyCheckpointComplete(int64_t checkpoint_id) {
  WEIR_RETURN_IF_ERROR(CommitUpTo(checkpoint_id));
  if (last_snapshot_ != 0 && checkpoint_id >= last_snapshot_) all_committed_ = true;
  return OkStatus();
}

Status SinkOperator::Close(bool failed) {
  if (writer_ == nullptr) return OkStatus();
  // With checkpoints, what no complete one covers never happened, however the task ends.
  if (has_checkpoints_) {
    Status status = writer_->Close(all_committed_ && !failed ? CloseReason::kFinished : CloseReason::kFailed);
    // The last commits have no checkpoint behind them. After a failure they come again.
    if (!failed) status.Update(SyncNow(*writer_));
    return status;
  }
  if (!failed && !ended_) {
    // Cancelled: what was written so far is finished and stays.
    Status status = EndInput(0);
    status.Update(writer_->Close(CloseReason::kFinished));
    return status;
  }
  return writer_->Close(failed ? CloseReason::kFailed : CloseReason::kFinished);
}

}  // namespace weir
