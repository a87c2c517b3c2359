// Timers of keyed functions: `ctx.timers().RegisterEventTime(click.time + 10min)`.
#pragma once

#include <cstdint>

#include "weir/base/time.h"

namespace weir {

enum class TimeDomain : uint8_t { kEvent, kProcessing };

// The timers of the current key. A key has at most one timer per domain and time: registering it again changes nothing. Timers are state: they come
// back after a restore and move with their key when the job is rescaled. A timer at t fires when the watermark (the time of day) reaches t; one that is
// registered for a time already passed fires at the next advance.
//
// Threads: the task's thread, inside a call for one key.
class TimerService {
 public:
  virtual ~TimerService() = default;

  void RegisterEventTime(Timestamp time) { Register(TimeDomain::kEvent, ToEventTime(time)); }
  void RegisterProcessingTime(Timestamp time) { Register(TimeDomain::kProcessing, ToEventTime(time)); }
  // Deleting a timer that is not there changes nothing.
  void DeleteEventTime(Timestamp time) { Delete(TimeDomain::kEvent, ToEventTime(time)); }
  void DeleteProcessingTime(Timestamp time) { Delete(TimeDomain::kProcessing, ToEventTime(time)); }

 protected:
  virtual void Register(TimeDomain domain, EventTime time) = 0;
  virtual void Delete(TimeDomain domain, EventTime time) = 0;
};

}  // namespace weir
