// What a key has of a ListState: its elements, or which pieces they lie in (list_pieces.h). A piece looks the same, with elements.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "weir/base/coding.h"
#include "weir/functions/state/keyed_rows.h"
#include "weir/functions/state/list_pieces.h"
#include "weir/types/schema/schema.h"
#include "weir/types/schema_of.h"
#include "weir/types/serializer.h"

namespace weir::internal {

// Elements of numbers take what they take in memory: nothing is to be counted.
template <class V>
inline constexpr bool kIsOfFixedBytes =
    std::is_trivially_copy_constructible_v<V> && std::is_trivially_destructible_v<V>;

// Bytes of the elements of a list when they are written, about.
template <class V, bool kIsFixed = kIsOfFixedBytes<V>>
struct ListBytes {
  void Set(uint64_t) {}
  void Add(uint64_t) {}
  uint64_t Of(size_t elements) const { return elements * sizeof(V); }
};
template <class V>
struct ListBytes<V, false> {
  void Set(uint64_t to) { bytes = to; }
  void Add(uint64_t more) { bytes += more; }
  uint64_t Of(size_t) const { return bytes; }
  uint64_t bytes = 0;
};

// The elements of one key, and when each was written if they have a time to live.
template <class V>
struct ListContents {
  std::vector<V> values;
  std::vector<int64_t> times;      // parallel to `values`, or empty
  std::unique_ptr<ListHead> head;  // of a list in pieces: there are no `values` then
  [[no_unique_address]] ListBytes<V> counted;

  ListContents() = default;
  // Copies are pre-images.
  ListContents(const ListContents& other) : values(other.values), times(other.times), counted(other.counted) {
    if (other.head == nullptr) return;
    head = std::make_unique<ListHead>(*other.head);
    head->gathered = 0;
  }
  ListContents& operator=(const ListContents&) = delete;

  uint64_t bytes() const { return counted.Of(values.size()); }
  // Whether it is one of `values`.
  bool IsOwn(const V* element) const {
    return std::less_equal<>()(values.data(), element) && std::less<>()(element, values.data() + values.size());
  }
  // As if written at `now` what was written after `expired`.
  void Renew(int64_t expired, int64_t now) {
    for (int64_t& time : times) {
      if (time > expired) time = now;
    }
  }
  // Removes what was written at `expired` or before.
  void Expire(int64_t expired) {
    const size_t before = values.size();
    size_t kept = 0;
    for (size_t i = 0; i < times.size(); ++i) {
      if (times[i] <= expired) continue;
      if (kept != i) {
        values[kept] = std::move(values[i]);
        times[kept] = times[i];
      }
      ++kept;
    }
    if (kept == before) return;
    counted.Set(counted.Of(before) / before * kept);
    values.resize(kept);
    times.resize(kept);
  }
  // Whether all that it has was written at `expired` or before.
  bool HasExpired(int64_t expired) const {
    if (times.size() < values.size()) return false;
    return std::all_of(times.begin(), times.end(), [expired](int64_t time) { return time <= expired; });
  }
  void Empty() {
    values.clear();
    times.clear();
    counted.Set(0);
  }
};

// u32 count, bool: with times, the values, the times. Or, in pieces, what ListHead writes.
template <class V>
struct ListCodec {
  static void Write(const ListContents<V>& list, ByteWriter& out) {
    if (list.head != nullptr) return list.head->Write(out);
    out.PutU32(static_cast<uint32_t>(list.values.size()));
    out.PutBool(!list.times.empty());
    for (const V& value : list.values) Serializer<V>::Write(value, out);
    for (int64_t time : list.times) out.PutI64(time);
  }
  static void Read(ByteReader& in, ListContents<V>& list) {
    const uint32_t count = in.GetU32();
    const uint8_t form = in.GetU8();
    if (form == kListInPieces) {
      list.head = std::make_unique<ListHead>();
      return list.head->Read(count, in);
    }
    if (form > 1) in.Reject();
    const size_t begin = in.offset();
    for (uint32_t i = 0; i < count && in.ok(); ++i) {
      V value{};
      Serializer<V>::Read(in, value);
      list.values.push_back(std::move(value));
    }
    list.counted.Set(in.offset() - begin);
    for (uint32_t i = 0; form == 1 && i < count && in.ok(); ++i) list.times.push_back(in.GetI64());
  }
  // The elements in pieces expire there, by themselves.
  static Expired Expire(ListContents<V>& list, int64_t time) {
    if (list.head != nullptr) return list.head->last_write <= time ? Expired::kAll : Expired::kNothing;
    if (list.times.empty()) return Expired::kNothing;
    const size_t before = list.times.size();
    list.Expire(time);
    if (list.times.size() == before) return Expired::kNothing;
    return list.times.empty() ? Expired::kAll : Expired::kSome;
  }
  static void WriteDefault(ByteWriter& out) { Serializer<V>::Write(V{}, out); }
  static const Schema& StateSchema() {
    static const Schema schema(TypeKind::kList, {SchemaOf<V>()});
    return schema;
  }
};

}  // namespace weir::internal
