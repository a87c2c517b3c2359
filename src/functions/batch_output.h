// Where an operator's or a collector's batches go.
#pragma once

#include "weir/types/batch.h"

namespace weir {

// The next operator of the chain, or a partitioner with its channels.
//
// Threads: the task's thread only. Never waits, never refuses: a producer looks at IsAvailable before a step, and within a step may overdraw a little.
// A failure behind it stops the task at the end of the step; nothing is returned here because user code in between could not act on it.
class BatchOutput {
 public:
  virtual ~BatchOutput() = default;

  // Takes ownership of `batch`, whose rows are of this output's type.
  virtual void Accept(BatchBase* batch) = 0;
  // An empty batch of this output's type, owned by the caller.
  virtual BatchBase* Fresh() = 0;
  // Whether a step may begin that produces into this output.
  virtual bool IsAvailable() const = 0;
};

}  // namespace weir
