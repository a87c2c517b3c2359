// What executors drive: things that do bounded work and never wait.
#pragma once

#include <cstdint>

#include "weir/base/time.h"

namespace weir {

enum class StepResult : uint8_t {
  kProgress,  // step again
  kIdle,      // nothing to do until someone notifies, or until wake_up()
  kBlocked,   // output is full; a consumer will notify
  kDone,      // never step again
};

class Stepped {
 public:
  virtual ~Stepped() = default;
  // Bounded work: a few batches or about a thousand timers.
  virtual StepResult Step() = 0;
  // After kIdle or kBlocked: processing time (milliseconds) at which to step even if nobody notifies; kNoEventTime: none.
  virtual EventTime wake_up() const = 0;
};

}  // namespace weir
