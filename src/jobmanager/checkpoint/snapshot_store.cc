#include "weir/jobmanager/checkpoint/snapshot_store.h"

#include <algorithm>
#include <utility>

#include "weir/base/logging.h"
#include "weir/base/random.h"

namespace weir {

namespace {

// What could not be deleted costs room, and is found by the next sweep.
void LogFailure(const Status& status, const char* what) {
  if (!status.ok()) WEIR_LOG(kWarning, "cannot {}: {}", what, status.message());
}

}  // namespace

struct SnapshotStore::Core {
  explicit Core(CheckpointStorage chosen) : storage(std::move(chosen)), kept(storage) {}

  CheckpointStorage storage;
  CompletedCheckpoints kept;
  SystemRandom random;  // for the names of savepoints
};

SnapshotStore::SnapshotStore(CheckpointStorage storage, Executor& owner, Executor& io)
    : owner_(owner), io_(std::make_unique<Strand>(io)), core_(std::make_shared<Core>(std::move(storage))) {}

SnapshotStore::~SnapshotStore() { *alive_ = false; }

template <class Work>
void SnapshotStore::Run(Work work) {
  io_->Post([core = core_, work = std::move(work)]() mutable { work(*core); });
}

template <class Work, class T>
void SnapshotStore::Ask(Work work, Answer<T> answer) {
  Run([work = std::move(work), answer = std::move(answer), owner = &owner_, alive = alive_](Core& core) mutable {
    owner->Post([result = work(core), answer = std::move(answer), alive = std::move(alive)]() mutable {
      if (*alive) answer(std::move(result));
    });
  });
}

void SnapshotStore::Open(std::shared_ptr<const RestoredSnapshot> restored, bool is_periodic,
                         Answer<StatusOr<OpenedStore>> answer) {
  Ask(
      [restored = std::move(restored), is_periodic](Core& core) -> StatusOr<OpenedStore> {
        if (is_periodic) WEIR_RETURN_IF_ERROR(core.storage.MakeJobFolder());
        WEIR_ASSIGN_OR_RETURN(const std::vector<Status> damaged, core.kept.Recover(SnapshotCheck::kSizes));
        for (const Status& each : damaged) WEIR_LOG(kWarning, "a damaged checkpoint is left alone: {}", each.message());
        OpenedStore opened;
        WEIR_ASSIGN_OR_RETURN(opened.last_id, core.storage.HighestId());
        if (restored != nullptr) {
          WEIR_RETURN_IF_ERROR(core.kept.AddRestored(restored->snapshot, restored->mode));
          opened.last_id = std::max(opened.last_id, restored->snapshot.metadata.id);
        }
        for (const CompletedSnapshot& kept : core.kept.kept())
          opened.kept.push_back(std::make_shared<const CompletedSnapshot>(kept));
        return opened;
      },
      std::move(answer));
}

void SnapshotStore::Begin(CheckpointId id, bool wants_full, Answer<StatusOr<SnapshotLocation>> answer) {
  Ask([id, wants_full](Core& core) { return core.storage.Begin(id, wants_full || core.kept.needs_full()); },
      std::move(answer));
}

void SnapshotStore::BeginSavepoint(CheckpointId id, SnapshotFormat format, std::string target,
                                   Answer<StatusOr<SnapshotLocation>> answer) {
  Ask([id, format,
       target = std::move(target)](Core& core) { return core.storage.BeginSavepoint(id, format, target, core.random); },
      std::move(answer));
}

void SnapshotStore::OnAcknowledged(CheckpointId id, std::vector<OperatorSubtaskState> state) {
  Run([id, state = std::move(state)](Core& core) {
    for (const OperatorSubtaskState& each : state) core.kept.OnAcknowledged(id, each);
  });
}

void SnapshotStore::DiscardLate(std::vector<OperatorSubtaskState> state) {
  Run([state = std::move(state)](Core& core) {
    for (const OperatorSubtaskState& each : state)
      LogFailure(core.kept.DiscardLate(each), "delete the files of a late acknowledgement");
  });
}

void SnapshotStore::Finalize(SnapshotLocation location, std::shared_ptr<const CheckpointMetadata> metadata,
                             Answer<MetadataResult> answer) {
  Ask(
      [location = std::move(location), metadata = std::move(metadata)](Core& core) {
        MetadataResult result = core.storage.Finalize(location, *metadata);
        if (result.write == MetadataWrite::kWritten)
          core.kept.Add({.metadata = *metadata, .directory = location.directory});
        return result;
      },
      std::move(answer));
}

void SnapshotStore::DiscardPending(SnapshotLocation location) {
  Run([location = std::move(location)](Core& core) {
    LogFailure(core.kept.DiscardPending(location), "delete an aborted checkpoint");
  });
}

void SnapshotStore::Discard(CheckpointId id) {
  Run([id](Core& core) { LogFailure(core.kept.Discard(id), "delete a subsumed checkpoint"); });
}

void SnapshotStore::Close(LeftBehind what, Answer<Status> answer) {
  Ask(
      [what](Core& core) {
        if (what == LeftBehind::kAll) return OkStatus();
        return what == LeftBehind::kNothing ? core.kept.DiscardAll() : core.kept.DiscardFinished();
      },
      std::move(answer));
}

}  // namespace weir
