#include "weir/runtime/operators/sink_operator.h"

#include "weir/base/clock.h"
#include "weir/runtime/operators/operator_state.h"

namespace weir {

namespace {

// How often a writer may look at the clock (rolling by time).
constexpr int64_t kTickMs = 1000;

}  // namespace

Status SinkOperator::Open(const OperatorContext& context) {
  clock_ = context.clock;
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
  WEIR_RETURN_IF_ERROR(PrepareCommit());
  WEIR_RETURN_IF_ERROR(writer_->CommitEncoded(prepared_));
  prepared_.clear();
  return OkStatus();
}

Status SinkOperator::PrepareCommit() {
  WEIR_ASSIGN_OR_RETURN(std::vector<std::string> committables, writer_->PrepareEncodedCommit());
  for (std::string& committable : committables) prepared_.push_back(std::move(committable));
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
  WEIR_RETURN_IF_ERROR(writer_->Flush(false));
  WEIR_RETURN_IF_ERROR(PrepareCommit());
  writer.AddElements("writer", Redistribution::kSplit, writer_->SnapshotState());
  writer.AddElements("committables", Redistribution::kSplit, prepared_);
  return OkStatus();
}

Status SinkOperator::Restore(OperatorStateReader& reader) {
  WEIR_RETURN_IF_ERROR(writer_->RestoreState(reader.Elements("writer")));
  // They were covered by the checkpoint that is being restored; committing is idempotent.
  return writer_->CommitEncoded(reader.Elements("committables"));
}

Status SinkOperator::NotifyCheckpointComplete(int64_t) {
  WEIR_RETURN_IF_ERROR(writer_->CommitEncoded(prepared_));
  prepared_.clear();
  return OkStatus();
}

Status SinkOperator::Close(bool failed) {
  if (writer_ == nullptr) return OkStatus();
  if (!failed && !ended_) {
    // Cancelled: what was written so far is finished and stays.
    Status status = EndInput(0);
    status.Update(writer_->Close(CloseReason::kFinished));
    return status;
  }
  return writer_->Close(failed ? CloseReason::kFailed : CloseReason::kFinished);
}

}  // namespace weir
