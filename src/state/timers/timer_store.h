// The timers of one keyed operator: registered, deleted and fired through the rows of its keys.
//
//   states  = function.keyed_states() + TimerStore::Declaration()      the hidden state that holds a key's pending timers
//   element:  timers.SetKey(row);  user code registers and deletes     (TimerService: ctx.timers())
//   advance:  while (timers.FireDue(domain, up_to, 1024, sink)) ...     a piece per call; other work may come between
//
// Whether a timer is pending is decided by its key's row alone; the calendars only say where to look.
//
// Threads: the task's thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "weir/functions/state/keyed_rows.h"
#include "weir/functions/timer_service.h"
#include "weir/state/timers/pending_timers.h"
#include "weir/state/timers/timer_calendar.h"

namespace weir {

// What to do when a timer fires. `row` is the key's; the call may register and delete timers of this key.
class TimerSink {
 public:
  virtual ~TimerSink() = default;
  virtual void OnTimer(TimeDomain domain, int64_t time, char* row) = 0;
};

class TimerStore final : public TimerService {
 public:
  static constexpr std::string_view kStateName = "weir.timers";
  static StateDeclaration Declaration();

  // `state`: number of the hidden state among those that `rows` was made with. `rows` must outlive the store.
  TimerStore(KeyedRows& rows, KeyForm key_form, uint32_t state);

  // Whose timers Register and Delete mean: the key of `row`.
  void SetKey(char* row) { row_ = row; }
  void Register(TimeDomain domain, EventTime time) override;
  void Delete(TimeDomain domain, EventTime time) override;

  // The earliest time at which a timer may be due; INT64_MAX: none is pending. May be too early, never too late.
  int64_t NextTime(TimeDomain domain) const { return calendar(domain).NextTime(); }
  bool HasDue(TimeDomain domain, int64_t up_to) const { return !calendar(domain).empty() && NextTime(domain) <= up_to; }
  // Fires up to `budget` timers with time <= up_to, earliest first, also those that are registered meanwhile; returns whether more are due. Prepares
  // and finishes rows: rows of a batch at hand must be prepared again afterwards.
  bool FireDue(TimeDomain domain, int64_t up_to, uint32_t budget, TimerSink& sink);
  // Drops calendar entries of deleted timers where they are the most; between batches. Work of one bucket at most.
  void Tidy();
  // Makes the calendars anew from the rows: after Read.
  void Rebuild();

 private:
  // A timer taken from the calendar that may still be pending.
  struct Taken {
    int64_t time;
    char* row;
  };

  TimerCalendar& calendar(TimeDomain domain) { return calendars_[static_cast<int>(domain)]; }
  const TimerCalendar& calendar(TimeDomain domain) const { return calendars_[static_cast<int>(domain)]; }
  bool IsPending(const char* row, TimeDomain domain, int64_t time) const;
  PendingTimers& PendingIn(char* row) const { return *reinterpret_cast<PendingTimers*>(row + slot_.offset); }
  // Takes the timer out of the row; false: it was not pending.
  bool Claim(char* row, TimeDomain domain, int64_t time);
  // Rows of entries [begin, begin + count).
  void PrepareRows(const TimerCalendar::Entries& entries, size_t begin, uint32_t count);
  void Readd(TimeDomain domain, const TimerCalendar::Entries& entries);

  KeyedRows& rows_;
  const KeyForm key_form_;
  const RowLayout::Slot slot_;
  const uint32_t state_;
  const ValueOps* const ops_;
  TimerCalendar calendars_[2];
  char* row_ = nullptr;
  // While FireDue runs: what it has taken, in order of time, and how far it is.
  std::vector<Taken> taken_;
  size_t next_ = 0;
  bool firing_ = false;
  TimeDomain firing_domain_ = TimeDomain::kEvent;
  TimerCalendar::Entries entries_;
  std::vector<int64_t> integers_;
  std::vector<std::string_view> strings_;
  std::vector<uint64_t> hashes_;
  std::vector<char*> prepared_;
};

}  // namespace weir
