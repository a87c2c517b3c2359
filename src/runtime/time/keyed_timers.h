// Timers of a keyed operator, and the pieces in which they fire.
//
// A watermark fires what it makes due before it goes on to the consumers; the rest of the batch that it stands in waits until then. Firing goes in pieces:
//
//   mark:     if (!timers.BeginEventTime(watermark)) emit it;       else: firing
//   firing:   timers.FirePiece(budget, ...) until it says done, from ProcessBatch or Resume; then emit the watermark
//   rows:     look-ups of before are void after a piece: BatchInProgress prepares the rest again
//
// How timers are kept: state/timers/timer_store.h, which this header hides from user programs.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "weir/functions/state/keyed_rows.h"
#include "weir/functions/timer_service.h"
#include "weir/types/batch.h"
#include "weir/types/batch_pool.h"

namespace weir {

class TimerStore;

// Threads: the task's thread.
class KeyedTimers final : public TimerService {
 public:
  // The hidden state to be declared behind those of the function.
  static StateDeclaration Declaration();

  // `state`: number of the hidden state. `rows` and `context` must outlive this.
  KeyedTimers(KeyedRows& rows, KeyForm key_form, uint32_t state, KeyContext& context);
  ~KeyedTimers() override;

  // Timers of the key whose row is in the context.
  void Register(TimeDomain domain, EventTime time) override;
  void Delete(TimeDomain domain, EventTime time) override;

  // False: no timer is due at this watermark.
  bool BeginEventTime(EventTime watermark);
  void BeginProcessingTime(EventTime now) { begun_[static_cast<int>(TimeDomain::kProcessing)] = {true, now}; }
  // There are pieces to fire; event time comes first.
  bool is_firing() const { return begun_[0].is_firing || begun_[1].is_firing; }
  TimeDomain firing_domain() const { return begun_[0].is_firing ? TimeDomain::kEvent : TimeDomain::kProcessing; }
  // Fires up to about `budget` timers and takes as many off it; true: the domain has no more that are due. Each call of
  // `on_timer(self, time, key)` has the key's row in the context; the key's bytes live in keys().
  using OnTimer = void (*)(void* self, EventTime time, const StoredKey& key);
  bool FirePiece(uint32_t& budget, OnTimer on_timer, void* self);
  // Owns the bytes of the keys of this piece, for results that point to them.
  BatchBase& keys() { return *keys_; }
  // Whether keys() owns more than when this was last asked: collectors are to be told.
  bool TakeKeysChanged() { return std::exchange(keys_changed_, false); }

  // The earliest processing time at which a timer may be due; kNoEventTime: none, or firing already, or stopped.
  EventTime NextProcessingTime() const;
  // The input has ended: processing-time timers that are pending never fire.
  void Stop() { has_stopped_ = true; }
  // Between batches: forgets what deleted timers left behind.
  void Tidy();
  // After rows were read.
  void Rebuild();

 private:
  class Sink;
  // Throws if no key is at hand.
  void RequireKey() const;
  struct Begun {
    bool is_firing = false;
    EventTime up_to = 0;
  };

  KeyedRows& rows_;
  KeyContext& context_;
  const KeyForm key_form_;
  const std::unique_ptr<TimerStore> store_;
  BatchPoolHandle key_batches_;
  BatchPtr keys_;
  Begun begun_[2];  // by TimeDomain
  bool keys_changed_ = false;
  bool has_stopped_ = false;
};

}  // namespace weir
