#include "weir/state/timers/timer_store.h"

#include <algorithm>
#include <string>

#include "weir/base/hash.h"

namespace weir {

namespace {

constexpr uint32_t kRowsAtATime = 1024;

}  // namespace

StateDeclaration TimerStore::Declaration() {
  return {std::string(kStateName), StateKind::kValue, PendingTimers::Ops(), Ttl()};
}

TimerStore::TimerStore(KeyedRows& rows, KeyForm key_form, uint32_t state)
    : rows_(rows),
      key_form_(key_form),
      slot_(rows.layout().slots[state]),
      state_(state),
      ops_(PendingTimers::Ops()),
      calendars_{TimerCalendar(key_form), TimerCalendar(key_form)} {}

bool TimerStore::IsPending(const char* row, TimeDomain domain, int64_t time) const {
  return (RowFlags(row) & slot_.present) != 0 &&
         reinterpret_cast<const PendingTimers*>(row + slot_.offset)->Has(domain, time);
}

void TimerStore::Register(TimeDomain domain, EventTime time) {
  uint64_t& flags = RowFlags(row_);
  if ((flags & slot_.loaded) != slot_.loaded) rows_.Load(row_, state_);
  if ((flags & slot_.present) == 0) {
    PendingTimers::Construct(row_ + slot_.offset, domain, time);
    flags |= slot_.present | slot_.loaded;
  } else if (!PendingIn(row_).Add(domain, time)) {
    return;
  }
  if (firing_ && domain == firing_domain_ && next_ < taken_.size() && time < taken_.back().time) {
    // It comes before timers that are already taken out of the calendar.
    const auto place = std::upper_bound(taken_.begin() + static_cast<int64_t>(next_), taken_.end(), time,
                                        [](int64_t t, const Taken& taken) { return t < taken.time; });
    taken_.insert(place, {time, row_});
  } else {
    calendar(domain).Add(time, rows_.KeyOf(row_));
  }
}

void TimerStore::Delete(TimeDomain domain, EventTime time) {
  if ((RowFlags(row_) & slot_.loaded) != slot_.loaded) rows_.Load(row_, state_);
  if (Claim(row_, domain, time)) calendar(domain).NoteDeleted(time);
}

bool TimerStore::Claim(char* row, TimeDomain domain, int64_t time) {
  uint64_t& flags = RowFlags(row);
  if ((flags & slot_.present) == 0) return false;
  PendingTimers& pending = PendingIn(row);
  if (!pending.IsOnly(domain, time)) return pending.Remove(domain, time);
  ops_->destroy(&pending);
  flags = (flags & ~slot_.present) | slot_.loaded;
  if (!RowHasState(row)) rows_.NoteEmptied(row);
  return true;
}

void TimerStore::PrepareRows(const TimerCalendar::Entries& entries, size_t begin, uint32_t count) {
  integers_.resize(count);
  strings_.resize(count);
  hashes_.resize(count);
  prepared_.resize(count);
  for (uint32_t i = 0; i < count; ++i) {
    const StoredKey key = entries.KeyOf(entries.list[begin + i], key_form_);
    integers_[i] = key.integer;
    strings_[i] = key.bytes;
    hashes_[i] = key_form_ == KeyForm::kInteger ? Hash64(static_cast<uint64_t>(key.integer)) : HashBytes(key.bytes);
  }
  rows_.Prepare({integers_.data(), strings_.data()}, hashes_.data(), count, prepared_.data());
}

bool TimerStore::FireDue(TimeDomain domain, int64_t up_to, uint32_t budget, TimerSink& sink) {
  calendar(domain).TakeDue(up_to, budget, entries_);
  const uint32_t count = static_cast<uint32_t>(entries_.list.size());
  if (count == 0) return false;
  PrepareRows(entries_, 0, count);
  taken_.clear();
  for (uint32_t i = 0; i < count; ++i) taken_.push_back({entries_.list[i].time, prepared_[i]});
  firing_ = true;
  firing_domain_ = domain;
  // Timers that register timers for the past must not hold the task for ever.
  const size_t most = size_t{2} * budget;
  for (next_ = 0; next_ < std::min(taken_.size(), most);) {
    const Taken timer = taken_[next_++];
    row_ = timer.row;
    if (Claim(timer.row, domain, timer.time)) sink.OnTimer(domain, timer.time, timer.row);
  }
  firing_ = false;
  for (; next_ < taken_.size(); ++next_) calendar(domain).Add(taken_[next_].time, rows_.KeyOf(taken_[next_].row));
  rows_.Finish();
  return HasDue(domain, up_to);
}

void TimerStore::Readd(TimeDomain domain, const TimerCalendar::Entries& entries) {
  for (size_t begin = 0; begin < entries.list.size(); begin += kRowsAtATime) {
    const uint32_t count = static_cast<uint32_t>(std::min<size_t>(kRowsAtATime, entries.list.size() - begin));
    PrepareRows(entries, begin, count);
    for (uint32_t i = 0; i < count; ++i) {
      const TimerCalendar::Entry& entry = entries.list[begin + i];
      if (IsPending(prepared_[i], domain, entry.time))
        calendar(domain).Add(entry.time, entries.KeyOf(entry, key_form_));
    }
    rows_.Finish();
  }
}

void TimerStore::Tidy() {
  for (TimeDomain domain : {TimeDomain::kEvent, TimeDomain::kProcessing}) {
    TimerCalendar::Entries stale;
    if (calendar(domain).TakeStale(stale)) Readd(domain, stale);
  }
}

void TimerStore::Rebuild() {
  for (TimerCalendar& calendar : calendars_) calendar.Clear();
  std::vector<char*> rows(kRowsAtATime);
  for (RowCursor cursor; !cursor.done;) {
    const uint32_t count = rows_.Walk(cursor, kRowsAtATime, rows.data());
    for (uint32_t i = 0; i < count; ++i) {
      char* const row = rows[i];
      if ((RowFlags(row) & slot_.present) == 0) continue;
      PendingIn(row).ForEach([&](TimeDomain domain, int64_t time) { calendar(domain).Add(time, rows_.KeyOf(row)); });
    }
  }
}

}  // namespace weir
