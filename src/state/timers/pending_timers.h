// The pending timers of one key, as they lie in its row: a hidden state, so that they are snapshot, moved and dropped with the row.
#pragma once

#include <cstdint>
#include <vector>

#include "weir/functions/state/keyed_rows.h"
#include "weir/functions/timer_service.h"

namespace weir {

// 16 bytes in the row. Most keys have one timer (a time-out, the end of a session): it needs no other memory. May be moved as bytes.
class PendingTimers {
 public:
  // What the slot of a state that is present holds; an absent one is constructed by Add.
  struct Lists {
    std::vector<int64_t> times[2];  // by TimeDomain; unordered
  };

  // The first timer, in a slot without value.
  static void Construct(void* slot, TimeDomain domain, int64_t time);

  bool Has(TimeDomain domain, int64_t time) const;
  // False: it was there.
  bool Add(TimeDomain domain, int64_t time);
  // False: it was not there. The last one must not be removed: the slot is then destroyed instead.
  bool Remove(TimeDomain domain, int64_t time);
  bool IsOnly(TimeDomain domain, int64_t time) const;
  uint32_t size() const;
  // Calls f(domain, time) for each.
  template <class F>
  void ForEach(F&& f) const {
    if (IsSingle()) return f(single_domain(), time_);
    for (TimeDomain domain : {TimeDomain::kEvent, TimeDomain::kProcessing}) {
      for (int64_t time : lists()->times[static_cast<int>(domain)]) f(domain, time);
    }
  }

  // For the declaration of the hidden state.
  static const ValueOps* Ops();

 private:
  static constexpr uintptr_t kSingle = 1;  // or kSingle | domain << 1; pointers are even

  bool IsSingle() const { return (more_ & kSingle) != 0; }
  TimeDomain single_domain() const { return static_cast<TimeDomain>(more_ >> 1); }
  Lists* lists() const { return reinterpret_cast<Lists*>(more_); }
  static void Destroy(void* slot);
  static void Copy(const void* from, void* to);
  static void Encode(const void* slot, ByteWriter& out);
  static Status Decode(ByteReader& in, void* slot);

  int64_t time_;    // of the only timer
  uintptr_t more_;  // which domain the only timer has, or the lists of several
};

}  // namespace weir
