// The records of one key in an interval join: of each side, in the order of their times.
//
//   entries:  [ gone ... | first .. ................. ]      times ascend; equal times in order of arrival
//
// Records mostly come in order and leave in order: a vector that is filled at its end and whose beginning is forgotten, moved together when it is full.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "weir/functions/state/stateful_function.h"
#include "weir/functions/state/value_ops.h"
#include "weir/types/kept_record.h"

namespace weir {

template <class T>
class TimeBuffer {
 public:
  struct Entry {
    EventTime time = 0;
    Kept<T> record{};
  };

  bool empty() const { return first_ == entries_.size(); }
  const Entry* begin() const { return entries_.data() + first_; }
  const Entry* end() const { return entries_.data() + entries_.size(); }
  // The latest time; kMinWatermark if it is empty.
  EventTime last_time() const { return empty() ? kMinWatermark : end()[-1].time; }
  // The first entry at `time` or later.
  const Entry* FirstFrom(EventTime time) const {
    // The oldest ones are mostly those that are wanted: what is older is gone.
    if (empty() || begin()->time >= time) return begin();
    return std::lower_bound(begin(), end(), time, [](const Entry& entry, EventTime at) { return entry.time < at; });
  }

  void Add(EventTime time, const T& record) {
    if (entries_.size() == entries_.capacity()) CloseUp();
    if (empty() || end()[-1].time <= time) {
      entries_.push_back(Entry{time, Kept<T>(record)});
      return;
    }
    const auto place = std::upper_bound(entries_.begin() + static_cast<ptrdiff_t>(first_), entries_.end(), time,
                                        [](EventTime at, const Entry& entry) { return at < entry.time; });
    entries_.insert(place, Entry{time, Kept<T>(record)});
  }

  // Forgets the entries at `expired` or before.
  void Expire(EventTime expired) {
    for (; !empty() && begin()->time <= expired; ++first_) {
      if constexpr (!std::is_trivially_destructible_v<Kept<T>>) entries_[first_].record = Kept<T>{};
    }
    if (!empty()) return;
    entries_.clear();
    first_ = 0;
  }
  // Gives memory back that a burst has left.
  void Tidy() {
    if (entries_.capacity() <= kSmall || (entries_.size() - first_) * 4 > entries_.capacity()) return;
    Forget();
    entries_.shrink_to_fit();
  }

 private:
  static constexpr size_t kFirst = 4;  // a step of 1, 2, 4 would be three allocations for the key of a few records
  static constexpr size_t kSmall = 16;

  void Forget() {
    entries_.erase(entries_.begin(), entries_.begin() + static_cast<ptrdiff_t>(first_));
    first_ = 0;
  }
  // Makes room. Moving half of it or less costs less than each entry's way in.
  void CloseUp() {
    if (entries_.capacity() == 0) return entries_.reserve(kFirst);
    if (first_ > 0 && first_ * 2 >= entries_.size()) Forget();
  }

  std::vector<Entry> entries_;
  size_t first_ = 0;
};

// Both sides of one key.
template <class L, class R>
struct JoinBuffers {
  TimeBuffer<L> left;
  TimeBuffer<R> right;
  // The watermark at which records were last expired: what is added while it stands stays until it moves. Not part of snapshots.
  EventTime watermark = kMinWatermark;
  // The key's timer; kMaxWatermark: none that is known. Not part of snapshots.
  EventTime clean_up_time = kMaxWatermark;

  bool empty() const { return left.empty() && right.empty(); }
};

namespace internal {

// As a pair of lists of (time, record) is written: u32 count, then time and record of each, for both sides.
template <class L, class R>
struct JoinBuffersCodec {
  static void Write(const JoinBuffers<L, R>& buffers, ByteWriter& out) {
    WriteSide(buffers.left, out);
    WriteSide(buffers.right, out);
  }
  static void Read(ByteReader& in, JoinBuffers<L, R>& buffers) {
    ReadSide(in, buffers.left);
    ReadSide(in, buffers.right);
  }
  static const Schema& StateSchema() {
    return SchemaOf<std::pair<std::vector<std::pair<Timestamp, L>>, std::vector<std::pair<Timestamp, R>>>>();
  }

 private:
  template <class T>
  static void WriteSide(const TimeBuffer<T>& buffer, ByteWriter& out) {
    out.PutU32(static_cast<uint32_t>(buffer.end() - buffer.begin()));
    for (const auto& entry : buffer) {
      Serializer<Timestamp>::Write(FromEventTime(entry.time), out);
      Serializer<T>::Write(RecordIn(entry.record), out);
    }
  }
  template <class T>
  static void ReadSide(ByteReader& in, TimeBuffer<T>& buffer) {
    const uint32_t count = in.GetU32();
    for (uint32_t i = 0; i < count && in.ok(); ++i) {
      Timestamp time{};
      T record{};
      Serializer<Timestamp>::Read(in, time);
      Serializer<T>::Read(in, record);
      if (in.ok()) buffer.Add(ToEventTime(time), record);
    }
  }
};

}  // namespace internal

// JoinBuffers per key.
template <class L, class R>
class JoinBuffersState : public StateHandle {
  using Buffers = JoinBuffers<L, R>;

 public:
  JoinBuffersState(StatefulFunction* function, std::string_view name)
      : StateHandle(function, name, StateKind::kValue,
                    &internal::OwnedValueOps<Buffers, internal::JoinBuffersCodec<L, R>>::kOps, Ttl()) {}

  // Null if there are none.
  Buffers* Get() const { return Present() ? At() : nullptr; }
  Buffers& GetOrAdd() {
    if (!Present()) At() = new Buffers();
    SetPresent();
    return *At();
  }
  void Clear() { Discard(); }

 private:
  Buffers*& At() const { return *static_cast<Buffers**>(slot()); }
};

}  // namespace weir
