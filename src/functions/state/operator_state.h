// State that belongs to a subtask and not to a key: lists that are redistributed when the parallelism changes, and broadcast maps.
//
//   class Buffering : public ProcessFunction<Event, Event> {
//     OperatorListState<Event> pending_{this, "pending"};            // split among the subtasks
//     UnionListState<int64_t> offsets_{this, "offsets"};             // every subtask gets all elements of all
//     BroadcastState<std::string, Rule> rules_{this, "rules"};       // equal in all subtasks
//   };
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/base/coding.h"
#include "weir/base/status.h"
#include "weir/functions/state/entry_map.h"
#include "weir/functions/state/operator_state_handle.h"
#include "weir/functions/state/stateful_function.h"
#include "weir/functions/state/value_ops.h"

namespace weir {

namespace internal {

// A list that the function reads and writes like a vector; a snapshot takes it as it is.
template <class V, Redistribution kRedistribution>
class SubtaskList final : public OperatorStateHandle {
  static_assert(CheckStateValue<V>());
  static_assert(!std::is_same_v<V, bool>, "weir: a list of bool has no elements to point to: use uint8_t or an enum");

 public:
  SubtaskList(StatefulFunction* function, std::string_view name)
      : OperatorStateHandle(function, name, kRedistribution) {}

  void Add(V value) { values_.push_back(std::move(value)); }
  void Update(std::vector<V> values) { values_ = std::move(values); }
  void Clear() { values_.clear(); }
  const std::vector<V>& Get() const { return values_; }
  size_t size() const { return values_.size(); }
  bool empty() const { return values_.empty(); }
  auto begin() const { return values_.begin(); }
  auto end() const { return values_.end(); }

  const Schema& schema() const override { return SchemaOf<V>(); }
  std::vector<std::string> EncodeElements() const override {
    std::vector<std::string> elements;
    for (const V& value : values_) elements.push_back(EncodeToString(value));
    return elements;
  }
  std::string EncodeDefault() const override { return EncodeToString(V{}); }
  Status AddEncoded(std::string_view bytes) override {
    V value{};
    WEIR_RETURN_IF_ERROR(DecodeFrom(bytes, value).Annotate("element of operator state \"" + name() + "\""));
    values_.push_back(std::move(value));
    return OkStatus();
  }

 private:
  std::vector<V> values_;
};

}  // namespace internal

// A list whose elements are dealt out among the subtasks when the parallelism changes.
template <class V>
using OperatorListState = internal::SubtaskList<V, Redistribution::kSplit>;

// A list of which every subtask gets the elements of all subtasks at restore.
template <class V>
using UnionListState = internal::SubtaskList<V, Redistribution::kUnion>;

template <class K, class V>
class BroadcastState;

// What ctx.Get(state) gives where the state may only be read: in a keyed element's call.
template <class K, class V>
class ReadOnlyBroadcastState {
 public:
  using KeyArgument = MapKeyArgument<K>;
  using Iterator = internal::EntryIterator<K, V, ReadOnlyBroadcastState>;

  // nullptr if there is none. Valid until the next Put.
  const V* Find(KeyArgument key) const { return map_.Find(key); }
  bool Contains(KeyArgument key) const { return Find(key) != nullptr; }
  size_t size() const { return map_.size(); }
  bool empty() const { return map_.empty(); }
  Iterator begin() const { return Iterator(this, &map_, map_.NextPlace(0)); }
  Iterator end() const { return Iterator(this, &map_, internal::EntryMap<K, V>::kNone); }

 protected:
  friend Iterator;
  friend class BroadcastState<K, V>;

  void DropIfEmpty(const internal::EntryMap<K, V>&) const {}

  mutable internal::EntryMap<K, V> map_;  // looked up by non-const Find
};

// What ctx.Get(state) gives in a broadcast element's call. Every subtask must make the same changes.
template <class K, class V>
class WritableBroadcastState : public ReadOnlyBroadcastState<K, V> {
 public:
  void Put(MapKeyArgument<K> key, V value) { this->map_.Put(key, std::move(value), internal::EntryMap<K, V>::kNoTime); }
  bool Remove(MapKeyArgument<K> key) { return this->map_.Remove(key); }
  void Clear() { this->map_.Clear(); }
};

// A map that broadcast elements change and all elements read. The contexts of broadcast process functions open it (`ctx.Get(rules_)`), for reading or
// for writing by which call they belong to.
template <class K, class V>
class BroadcastState final : public OperatorStateHandle {
 public:
  BroadcastState(StatefulFunction* function, std::string_view name)
      : OperatorStateHandle(function, name, Redistribution::kBroadcast) {}

  // For contexts.
  const ReadOnlyBroadcastState<K, V>& ForReading() const { return contents_; }
  WritableBroadcastState<K, V>& ForWriting() { return contents_; }

  const Schema& schema() const override {
    static const Schema schema(TypeKind::kMap, {SchemaOf<K>(), SchemaOf<V>()});
    return schema;
  }
  std::vector<std::string> EncodeElements() const override {
    std::vector<std::string> elements;
    for (const auto& [key, value] : contents_) {
      ByteWriter out;
      Serializer<K>::Write(key, out);
      Serializer<V>::Write(value, out);
      elements.push_back(std::move(out).Take());
    }
    return elements;
  }
  std::string EncodeDefault() const override {
    ByteWriter out;
    Serializer<K>::Write(K{}, out);
    Serializer<V>::Write(V{}, out);
    return std::move(out).Take();
  }
  Status AddEncoded(std::string_view bytes) override {
    ByteReader in(bytes, name());
    K key{};
    V value{};
    Serializer<K>::Read(in, key);
    Serializer<V>::Read(in, value);
    WEIR_RETURN_IF_ERROR(in.Finish().Annotate("entry of broadcast state"));
    contents_.Put(key, std::move(value));
    return OkStatus();
  }

 private:
  WritableBroadcastState<K, V> contents_;
};

}  // namespace weir
