// A snapshot of keyed rows that their task goes on with in small pieces while it works.
//
//   rows.BeginSnapshot() ──▶ KeyedSnapshot ── Start(request, sink) ──▶ Advance() .. Advance() ──▶ the sink has everything ──▶ OnComplete()
//
// From BeginSnapshot on it stands for the rows of that moment: what changes later is put aside first. Where it goes may become known later.
#pragma once

#include <cstdint>
#include <memory>

namespace weir {

// state/snapshot/keyed_snapshot_sink.h
class KeyedSnapshotSink;

// What the coordinator's message says of a snapshot.
struct KeyedSnapshotRequest {
  int64_t checkpoint_id = 0;
  // In the backend's own form; else in the one that every backend reads.
  bool is_native = false;
  // With `is_native`: later checkpoints may name the files of this one.
  bool may_be_shared = false;
  // With `may_be_shared`: must not build on an earlier one.
  bool is_full = false;
  // State no longer than this goes into the checkpoint's metadata, so nothing can build on it.
  uint64_t max_inline_bytes = 0;
};

// Threads: the task's. Destroying it ends it, done or not.
class KeyedSnapshot {
 public:
  virtual ~KeyedSnapshot() = default;

  // Once. `sink` is told of everything, and let go when that is done.
  virtual void Start(const KeyedSnapshotRequest& request, std::shared_ptr<KeyedSnapshotSink> sink) = 0;
  // A bounded piece of the work, between two batches. Whether it is to be called again soon; else there is nothing to do now (it has not started, it is done, or
  // what takes the bytes is behind, and notifies the task when it is not).
  virtual bool Advance() = 0;
  // The checkpoint is complete: later ones may build on it.
  virtual void OnComplete() = 0;
};

}  // namespace weir
