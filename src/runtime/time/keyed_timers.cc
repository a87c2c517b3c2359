#include "weir/runtime/time/keyed_timers.h"

#include <algorithm>
#include <limits>

#include "weir/base/status_exception.h"
#include "weir/state/timers/timer_store.h"
#include "weir/types/batch_type.h"

namespace weir {

// Hands one timer at a time to the operator.
class KeyedTimers::Sink final : public TimerSink {
 public:
  Sink(KeyedTimers& timers, KeyedTimers::OnTimer on_timer, void* self)
      : timers_(timers), on_timer_(on_timer), self_(self) {}

  void OnTimer(TimeDomain, int64_t time, char* row) override {
    ++fired_;
    StoredKey key = timers_.rows_.KeyOf(row);
    if (timers_.key_form_ == KeyForm::kBytes) {
      const size_t owners = timers_.keys_->owners.size();
      key.bytes = timers_.keys_->Keep(key.bytes);
      if (timers_.keys_->owners.size() != owners) timers_.keys_changed_ = true;
    }
    timers_.context_.row = row;
    on_timer_(self_, time, key);
  }
  uint32_t fired() const { return fired_; }

 private:
  KeyedTimers& timers_;
  const KeyedTimers::OnTimer on_timer_;
  void* const self_;
  uint32_t fired_ = 0;
};

StateDeclaration KeyedTimers::Declaration() { return TimerStore::Declaration(); }

KeyedTimers::KeyedTimers(KeyedRows& rows, KeyForm key_form, uint32_t state, KeyContext& context)
    : rows_(rows),
      context_(context),
      key_form_(key_form),
      store_(std::make_unique<TimerStore>(rows, key_form, state)),
      key_batches_(&BatchTypeOf<int64_t>()) {}  // they never have rows: any type does

KeyedTimers::~KeyedTimers() = default;

void KeyedTimers::RequireKey() const {
  if (context_.row != kNoKeyRow) return;
  throw StatusException(FailedPreconditionError(
      "a timer was registered or deleted where there is no key: timers belong to the key of an element or of a timer"));
}

void KeyedTimers::Register(TimeDomain domain, EventTime time) {
  RequireKey();
  store_->SetKey(context_.row);
  store_->Register(domain, time);
}

void KeyedTimers::Delete(TimeDomain domain, EventTime time) {
  RequireKey();
  store_->SetKey(context_.row);
  store_->Delete(domain, time);
}

bool KeyedTimers::BeginEventTime(EventTime watermark) {
  if (!store_->HasDue(TimeDomain::kEvent, watermark)) return false;
  begun_[static_cast<int>(TimeDomain::kEvent)] = {true, watermark};
  return true;
}

bool KeyedTimers::FirePiece(uint32_t& budget, KeyedTimers::OnTimer on_timer, void* self) {
  const TimeDomain domain = firing_domain();
  Begun& begun = begun_[static_cast<int>(domain)];
  keys_.reset(key_batches_->GetEmpty());
  // So that collectors have a time for each result.
  keys_->has_times = domain == TimeDomain::kEvent;
  keys_changed_ = true;
  Sink sink(*this, on_timer, self);
  begun.is_firing = store_->FireDue(domain, begun.up_to, std::max(budget, 1u), sink);
  keys_.reset();
  budget -= std::min(budget, sink.fired());
  return !begun.is_firing;
}

EventTime KeyedTimers::NextProcessingTime() const {
  if (has_stopped_ || begun_[static_cast<int>(TimeDomain::kProcessing)].is_firing) return kNoEventTime;
  const int64_t next = store_->NextTime(TimeDomain::kProcessing);
  if (next == std::numeric_limits<int64_t>::max()) return kNoEventTime;
  // A timer of the very first moment is none that nobody waits for.
  return std::max(next, kNoEventTime + 1);
}

void KeyedTimers::Tidy() { store_->Tidy(); }

void KeyedTimers::Rebuild() { store_->Rebuild(); }

}  // namespace weir
