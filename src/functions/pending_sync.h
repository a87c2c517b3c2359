// What a checkpoint waits for, and the task does not.
#pragma once

#include "weir/base/status.h"

namespace weir {

// Work that makes what a sink has prepared survive a crash of the machine: syncing files. A disk may take long over it, so it is done beside the task, behind the
// snapshot of its state and before that is acknowledged.
//
// Threads: Sync is called by one thread at a time, any, also while the writer goes on, and once more after an error.
class PendingSync {
 public:
  virtual ~PendingSync() = default;
  // An error fails the snapshot. The sink must remember it: no later snapshot may say that this data is safe.
  virtual Status Sync() = 0;
};

}  // namespace weir
