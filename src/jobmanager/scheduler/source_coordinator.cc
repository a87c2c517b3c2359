#include "weir/jobmanager/scheduler/source_coordinator.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "weir/base/coding.h"

namespace weir {

SourceCoordinator::SourceCoordinator(SourceCoordinatorOptions options)
    : options_(std::move(options)), readers_(static_cast<size_t>(options_.parallelism)) {}

SourceCoordinator::~SourceCoordinator() { ++*generation_; }

template <class Call>
Status SourceCoordinator::Guard(const char* what, Call call) {
  const std::string where = "operator \"" + options_.name + "\"";
  try {
    const Status status = call();
    return status.Annotate(where);
  } catch (const std::exception& thrown) {
    return UnknownError(where + " threw in its split enumerator's " + what + ": " + thrown.what());
  } catch (...) {
    return UnknownError(where + " threw in its split enumerator's " + what + " something that is no std::exception");
  }
}

void SourceCoordinator::Report(Status status) {
  if (!status.ok()) options_.host->SourceFailed(options_.vertex, std::move(status));
}

Status SourceCoordinator::StartEnumerator(const std::string* state) {
  ++*generation_;
  readers_.assign(readers_.size(), Reader());
  enumerator_.reset();
  return Guard("Start", [&]() -> Status {
    WEIR_ASSIGN_OR_RETURN(enumerator_, options_.source->CreateEnumerator(state));
    return enumerator_->Start(*this);
  });
}

Status SourceCoordinator::Start(const std::string* restored) {
  if (restored == nullptr) return StartEnumerator(nullptr);
  const std::string what = "the state of the split enumerator of operator \"" + options_.name + "\"";
  ByteReader in(*restored, what);
  const std::string state(in.GetString());
  std::vector<std::string> unsent;
  for (uint32_t left = in.GetU32(); left > 0 && in.ok(); --left) unsent.emplace_back(in.GetString());
  WEIR_RETURN_IF_ERROR(in.Finish());
  WEIR_RETURN_IF_ERROR(StartEnumerator(&state));
  if (unsent.empty()) return OkStatus();
  // Whom they were meant for does not matter any more: the parallelism may be another one.
  return Guard("AddSplitsBack", [&] { return enumerator_->AddEncodedSplitsBack(unsent, 0); });
}

StatusOr<std::string> SourceCoordinator::Snapshot(CheckpointId id) {
  std::string state;
  WEIR_RETURN_IF_ERROR(Guard("SnapshotState", [&] {
    if (enumerator_ != nullptr) state = enumerator_->SnapshotEncodedState();
    return OkStatus();
  }));
  std::vector<std::string_view> unsent;
  for (Reader& reader : readers_) {
    for (Assignment& assignment : reader.assigned) {
      if (!assignment.sent) unsent.push_back(assignment.split);
      if (assignment.sent && assignment.covered_by.IsNone()) assignment.covered_by = id;
    }
  }
  ByteWriter out;
  out.PutString(state);
  out.PutU32(static_cast<uint32_t>(unsent.size()));
  for (const std::string_view split : unsent) out.PutString(split);
  return std::move(out).Take();
}

void SourceCoordinator::OnCheckpointComplete(CheckpointId id) {
  for (Reader& reader : readers_) {
    std::erase_if(reader.assigned, [&](const Assignment& assignment) {
      return !assignment.covered_by.IsNone() && assignment.covered_by <= id;
    });
  }
}

bool SourceCoordinator::HasReader(int subtask) {
  return enumerator_ != nullptr && subtask >= 0 && subtask < options_.parallelism;
}

void SourceCoordinator::RegisterReader(int subtask) {
  if (!HasReader(subtask)) return;
  Reader& reader = readers_[subtask];
  reader.registered = true;
  std::vector<std::string> waiting;
  for (Assignment& assignment : reader.assigned) {
    if (!std::exchange(assignment.sent, true)) waiting.push_back(assignment.split);
  }
  if (!waiting.empty()) options_.host->SendSplits(options_.vertex, subtask, std::move(waiting));
  if (reader.no_more_splits) options_.host->SendNoMoreSplits(options_.vertex, subtask);
  Report(Guard("AddReader", [&] {
    enumerator_->AddReader(subtask);
    return OkStatus();
  }));
}

void SourceCoordinator::HandleSplitRequest(int subtask) {
  if (!HasReader(subtask)) return;
  Report(Guard("HandleSplitRequest", [&] {
    enumerator_->HandleSplitRequest(subtask);
    return OkStatus();
  }));
}

Status SourceCoordinator::ResetSubtasks(const std::vector<int>& subtasks, const std::string* restored) {
  if (enumerator_ == nullptr || static_cast<int>(subtasks.size()) == options_.parallelism) return Start(restored);
  Status status;
  for (int subtask : subtasks) status.Update(PutSplitsBack(subtask));
  return status;
}

Status SourceCoordinator::PutSplitsBack(int subtask) {
  const Reader reader = std::exchange(readers_[subtask], Reader());
  if (reader.assigned.empty()) return OkStatus();
  std::vector<std::string> splits;
  for (const Assignment& assignment : reader.assigned) splits.push_back(assignment.split);
  return Guard("AddSplitsBack", [&] { return enumerator_->AddEncodedSplitsBack(splits, subtask); });
}

void SourceCoordinator::AssignEncodedSplit(int subtask, std::string split) {
  if (!HasReader(subtask)) {
    Report(InvalidArgumentError("operator \"" + options_.name +
                                "\": the split enumerator assigned a split to subtask " + std::to_string(subtask) +
                                "; the source has " + std::to_string(options_.parallelism)));
    return;
  }
  Reader& reader = readers_[subtask];
  reader.assigned.push_back({.split = split, .sent = reader.registered});
  if (reader.registered) options_.host->SendSplits(options_.vertex, subtask, {std::move(split)});
}

void SourceCoordinator::SignalNoMoreSplits(int subtask) {
  if (!HasReader(subtask)) return;
  Reader& reader = readers_[subtask];
  if (std::exchange(reader.no_more_splits, true)) return;
  if (reader.registered) options_.host->SendNoMoreSplits(options_.vertex, subtask);
}

void SourceCoordinator::CallLater(Duration delay) {
  options_.executor->PostAfter(delay, [this, generation = generation_, mine = *generation_] {
    // The coordinator itself may be gone; the shared number then differs.
    if (*generation != mine) return;
    Report(Guard("OnTimer", [&] {
      enumerator_->OnTimer();
      return OkStatus();
    }));
  });
}

void SourceCoordinator::Fail(Status status) { Report(status.Annotate("operator \"" + options_.name + "\"")); }

}  // namespace weir
