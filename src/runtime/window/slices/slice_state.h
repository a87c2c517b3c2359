// What a windowed operator with slices says of its state, and how a key's slices are written.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/functions/state/stateful_function.h"
#include "weir/functions/state/value_ops.h"

namespace weir {

namespace internal {

// One slice of one key.
template <class V>
struct SliceEntry {
  EventTime start;
  V value;
};

// As a MapState<Timestamp, V> is written: u32 count, bool: with times (none), start and value of each.
template <class V>
struct SliceCodec {
  using Entries = std::vector<SliceEntry<V>>;
  static void Write(const Entries& entries, ByteWriter& out) {
    out.PutU32(static_cast<uint32_t>(entries.size()));
    out.PutBool(false);
    for (const SliceEntry<V>& entry : entries) {
      Serializer<Timestamp>::Write(FromEventTime(entry.start), out);
      Serializer<V>::Write(entry.value, out);
    }
  }
  static void Read(ByteReader& in, Entries& entries) {
    const uint32_t count = in.GetU32();
    in.GetBool();
    for (uint32_t i = 0; i < count && in.ok(); ++i) {
      Timestamp start;
      V value{};
      Serializer<Timestamp>::Read(in, start);
      Serializer<V>::Read(in, value);
      entries.push_back({ToEventTime(start), std::move(value)});
    }
  }
  static const Schema& StateSchema() {
    static const Schema schema(TypeKind::kMap, {SchemaOf<Timestamp>(), SchemaOf<V>()});
    return schema;
  }
};

}  // namespace internal

// Declares the slices of a key. They live in columns (slice_column.h); only snapshots have them beside their key.
template <class V>
class SliceState : public StateHandle {
  static_assert(internal::CheckStateValue<V>());

 public:
  using Entries = std::vector<internal::SliceEntry<V>>;
  SliceState(StatefulFunction* function, std::string_view name)
      : StateHandle(function, name, StateKind::kMap, &internal::OwnedValueOps<Entries, internal::SliceCodec<V>>::kOps,
                    Ttl()) {}
};

}  // namespace weir
