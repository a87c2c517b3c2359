#include "weir/state/timers/timer_calendar.h"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "weir/base/coding.h"

namespace weir {

namespace {

constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

bool Later(const TimerCalendar::Entry& a, const TimerCalendar::Entry& b) { return a.time > b.time; }

}  // namespace

void TimerCalendar::Entries::Add(int64_t time, const StoredKey& key, KeyForm form) {
  if (form == KeyForm::kInteger) {
    list.push_back({time, key.integer});
    return;
  }
  list.push_back({time, static_cast<int64_t>(bytes.size())});
  const uint32_t length = static_cast<uint32_t>(key.bytes.size());
  bytes.append(reinterpret_cast<const char*>(&length), sizeof(length));
  bytes.append(key.bytes);
}

StoredKey TimerCalendar::Entries::KeyOf(const Entry& entry, KeyForm form) const {
  StoredKey key;
  if (form == KeyForm::kInteger) {
    key.integer = entry.integer;
  } else {
    const char* const at = bytes.data() + entry.integer;
    key.bytes = std::string_view(at + sizeof(uint32_t), LoadLittleEndian<uint32_t>(at));
  }
  return key;
}

void TimerCalendar::Entries::Clear() {
  list.clear();
  bytes.clear();
}

TimerCalendar::Bucket& TimerCalendar::BucketFor(int64_t time) {
  const int64_t span = SpanOf(time);
  if (span > span_) {
    if (last_far_ == nullptr || last_far_->first != span) last_far_ = &*far_.try_emplace(span).first;
    return last_far_->second;
  }
  // What is earlier than the ring is overdue: it is taken with the ring's first bucket, before all others.
  const uint32_t number = span == span_ ? RingNumber(time) : 0;
  used_[number / 64] |= uint64_t{1} << number % 64;
  return ring_[number];
}

TimerCalendar::Bucket* TimerCalendar::Existing(int64_t time) {
  const int64_t span = SpanOf(time);
  if (span <= span_) return &ring_[span == span_ ? RingNumber(time) : 0];
  const auto found = far_.find(span);
  return found == far_.end() ? nullptr : &found->second;
}

void TimerCalendar::Remove(int64_t time) {
  const int64_t span = SpanOf(time);
  if (span > span_) {
    far_.erase(span);
    last_far_ = nullptr;
    return;
  }
  const uint32_t number = span == span_ ? RingNumber(time) : 0;
  ring_[number] = Bucket();
  used_[number / 64] &= ~(uint64_t{1} << number % 64);
}

void TimerCalendar::Add(int64_t time, const StoredKey& key) {
  AddTo(BucketFor(time), time, key);
  ++entry_count_;
}

void TimerCalendar::AddTo(Bucket& bucket, int64_t time, const StoredKey& key) {
  bucket.entries.Add(time, key, key_form_);
  bucket.earliest = std::min(bucket.earliest, time);
  if (bucket.in_order) std::push_heap(bucket.entries.list.begin(), bucket.entries.list.end(), Later);
}

void TimerCalendar::NoteDeleted(int64_t time) {
  Bucket* const bucket = Existing(time);
  if (bucket == nullptr) return;
  ++bucket->deleted;
  if (bucket->deleted % kFewestStale == 0 && IsStale(*bucket)) stale_.push_back(time);
}

uint32_t TimerCalendar::FirstUsed() const {
  for (uint32_t word = 0; word < kBuckets / 64; ++word) {
    if (used_[word] != 0) return word * 64 + static_cast<uint32_t>(__builtin_ctzll(used_[word]));
  }
  return kBuckets;
}

int64_t TimerCalendar::NextTime() const {
  const uint32_t first = FirstUsed();
  if (first < kBuckets) return ring_[first].earliest;
  return far_.empty() ? kNever : far_.begin()->second.earliest;
}

void TimerCalendar::Advance() {
  ring_.resize(kBuckets);
  const auto next = far_.begin();
  span_ = next->first;
  const Entries entries = std::move(next->second.entries);
  far_.erase(next);
  last_far_ = nullptr;
  for (const Entry& entry : entries.list) AddTo(BucketFor(entry.time), entry.time, entries.KeyOf(entry, key_form_));
}

void TimerCalendar::TakeDue(int64_t up_to, uint32_t capacity, Entries& due) {
  due.Clear();
  while (due.list.size() < capacity && NextTime() <= up_to && entry_count_ > 0) {
    const uint32_t first = FirstUsed();
    if (first == kBuckets) {
      Advance();
      continue;
    }
    Bucket& bucket = ring_[first];
    TakeFrom(bucket, up_to, capacity, due);
    if (!bucket.entries.list.empty()) continue;
    bucket = Bucket();
    used_[first / 64] &= ~(uint64_t{1} << first % 64);
  }
}

void TimerCalendar::TakeFrom(Bucket& bucket, int64_t up_to, uint32_t capacity, Entries& due) {
  std::vector<Entry>& list = bucket.entries.list;
  if (!bucket.in_order) std::make_heap(list.begin(), list.end(), Later);
  bucket.in_order = true;
  while (!list.empty() && list.front().time <= up_to && due.list.size() < capacity) {
    std::pop_heap(list.begin(), list.end(), Later);
    due.Add(list.back().time, bucket.entries.KeyOf(list.back(), key_form_), key_form_);
    list.pop_back();
    --entry_count_;
  }
  bucket.earliest = list.empty() ? kNever : list.front().time;
}

bool TimerCalendar::TakeStale(Entries& stale) {
  stale.Clear();
  while (!stale_.empty()) {
    const int64_t time = stale_.back();
    stale_.pop_back();
    Bucket* const bucket = Existing(time);
    if (bucket == nullptr || !IsStale(*bucket)) continue;
    std::swap(stale, bucket->entries);
    Remove(time);
    entry_count_ -= stale.list.size();
    const auto place = [&](const Entry& entry) {
      const StoredKey key = stale.KeyOf(entry, key_form_);
      return std::tuple(entry.time, key.integer, key.bytes);
    };
    std::sort(stale.list.begin(), stale.list.end(),
              [&](const Entry& a, const Entry& b) { return place(a) < place(b); });
    stale.list.erase(std::unique(stale.list.begin(), stale.list.end(),
                                 [&](const Entry& a, const Entry& b) { return place(a) == place(b); }),
                     stale.list.end());
    return true;
  }
  return false;
}

void TimerCalendar::Clear() {
  ring_.clear();
  span_ = std::numeric_limits<int64_t>::min();
  std::fill(std::begin(used_), std::end(used_), 0);
  far_.clear();
  last_far_ = nullptr;
  stale_.clear();
  entry_count_ = 0;
}

}  // namespace weir
