#include "weir/jobmanager/scheduler/source_coordinator.h"

#include <algorithm>
#include <exception>
#include <utility>

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

Status SourceCoordinator::Start() {
  ++*generation_;
  readers_.assign(readers_.size(), Reader());
  enumerator_.reset();
  return Guard("Start", [&]() -> Status {
    WEIR_ASSIGN_OR_RETURN(enumerator_, options_.source->CreateEnumerator(nullptr));
    return enumerator_->Start(*this);
  });
}

bool SourceCoordinator::HasReader(int subtask) {
  return enumerator_ != nullptr && subtask >= 0 && subtask < options_.parallelism;
}

void SourceCoordinator::RegisterReader(int subtask) {
  if (!HasReader(subtask)) return;
  Reader& reader = readers_[subtask];
  reader.registered = true;
  if (!reader.assigned.empty()) options_.host->SendSplits(options_.vertex, subtask, reader.assigned);
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

Status SourceCoordinator::ResetSubtasks(const std::vector<int>& subtasks) {
  if (enumerator_ == nullptr || static_cast<int>(subtasks.size()) == options_.parallelism) return Start();
  Status status;
  for (int subtask : subtasks) status.Update(PutSplitsBack(subtask));
  return status;
}

Status SourceCoordinator::PutSplitsBack(int subtask) {
  const Reader reader = std::exchange(readers_[subtask], Reader());
  if (reader.assigned.empty()) return OkStatus();
  return Guard("AddSplitsBack", [&] { return enumerator_->AddEncodedSplitsBack(reader.assigned, subtask); });
}

void SourceCoordinator::AssignEncodedSplit(int subtask, std::string split) {
  if (!HasReader(subtask)) {
    Report(InvalidArgumentError("operator \"" + options_.name +
                                "\": the split enumerator assigned a split to subtask " + std::to_string(subtask) +
                                "; the source has " + std::to_string(options_.parallelism)));
    return;
  }
  Reader& reader = readers_[subtask];
  reader.assigned.push_back(split);
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
