// Where a thread with nothing to do waits: see DataNetwork::AddSeat.
#pragma once

#include <cstdint>

namespace weir {

class WaitPlace {
 public:
  virtual ~WaitPlace() = default;
  // As EventCount::WaitUntil of the thread's own, after its PrepareWait; but the thread may first do work of the place's, which must not take long.
  virtual void WaitUntil(int64_t deadline_nanos) = 0;
};

}  // namespace weir
