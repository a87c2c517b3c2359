// The first of two phases of an aggregate: what a subtask has of each key and slice of time is put together before it is sent to the key's subtask.
//
//   record ─▶ group of its key and slice, within the batch at hand ─▶ a partial per group, before the next watermark and at the end of the batch
//
// Nothing is kept from batch to batch and nothing waits. Where batches have hardly a key twice, grouping is left off for a while: a record is a partial then.
#pragma once

#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "weir/functions/collector.h"
#include "weir/runtime/operators/key_resolver.h"
#include "weir/runtime/operators/operator.h"
#include "weir/runtime/operators/row_walk.h"
#include "weir/runtime/window/slices/slice_grid.h"

namespace weir {

// Some records of one key and slice. Its event time is that of the first of them: all are in the same windows.
template <class Key, class Value>
struct PartialAggregate {
  Key key;
  Value value;
  int64_t records = 0;
};
// How many records of the program a record stands for.
template <class T>
int64_t RecordsIn(const T&) {
  return 1;
}
template <class Key, class Value>
int64_t RecordsIn(const PartialAggregate<Key, Value>& partial) {
  return partial.records;
}

// The second phase of aggregate A.
template <class A, class Partial>
struct PartialsAggregate {
  using Accumulator = std::remove_cvref_t<decltype(std::declval<const A&>().CreateAccumulator())>;
  A aggregate;
  Accumulator CreateAccumulator() const { return aggregate.CreateAccumulator(); }
  void Add(Accumulator& into, const Partial& partial) const { aggregate.Merge(into, partial.value); }
  void Merge(Accumulator& into, const Accumulator& from) const { aggregate.Merge(into, from); }
  void Unmerge(Accumulator& from, const Accumulator& part) const
    requires requires { aggregate.Unmerge(from, part); }
  {
    aggregate.Unmerge(from, part);
  }
  auto GetResult(const Accumulator& accumulator) const { return aggregate.GetResult(accumulator); }
};

// A reduce as an aggregate.
template <class T, class R>
struct ReducingAggregate {
  R reduce;
  std::optional<T> CreateAccumulator() const { return {}; }
  void Add(std::optional<T>& into, const T& record) const {
    into = into.has_value() ? T(reduce(std::as_const(*into), record)) : record;
  }
  void Merge(std::optional<T>& into, const std::optional<T>& from) const {
    if (from.has_value()) Add(into, *from);
  }
  const T& GetResult(const std::optional<T>& reduced) const { return *reduced; }
};

// In place of a SliceGrid, for windows that have no time: all records of a key are in one slice.
struct OneSlice {};

// Grid: a SliceGrid or OneSlice.
template <class T, class Selector, class A, class Grid>
class LocalAggregateOperator final : public Operator {
 public:
  using Key = typename KeyTraits<KeyOf<T, Selector>>::Argument;
  using Value = std::remove_cvref_t<decltype(std::declval<const A&>().CreateAccumulator())>;
  using Partial = PartialAggregate<Key, Value>;
  // What an operator is made from.
  struct Recipe {
    Selector selector;
    A aggregate;
    Grid grid;
  };

  explicit LocalAggregateOperator(const Recipe& recipe)
      : resolver_(recipe.selector), aggregate_(recipe.aggregate), grid_(recipe.grid), groups_(kMaxBatchRows) {}

  Status Open(const OperatorContext& context) override {
    out_.Bind(context.outputs.front(), ContainsViews<Partial>,
              !std::is_trivially_copyable_v<T> && ContainsViews<Partial>);
    return OkStatus();
  }
  Status ProcessBatch(int, BatchBase* untyped) override {
    BatchPtr owner(untyped);
    Batch<T>& batch = AsBatch<T>(*untyped);
    WEIR_RETURN_IF_ERROR(resolver_.Select(batch));
    out_.BeginInput(batch);
    const bool groups = ungrouped_batches_ == 0;
    uint32_t emitted = 0;
    ForEachRowAndMark(
        batch, [&, i = 0u](const T& record, uint32_t row) mutable { AddToGroup(batch, record, i++, row, groups); },
        [&](EventTime watermark) {
          emitted += EmitGroups();
          out_.AddMark(watermark);
        });
    emitted += EmitGroups();
    Adapt(batch.count(), emitted);
    out_.EndInput();
    return OkStatus();
  }
  Status EndStep() override {
    out_.Flush();
    return OkStatus();
  }

 private:
  struct Group {
    uint32_t entry = 0;  // the first record of the group, among those that count
    uint64_t hash = 0;
    EventTime slice = 0;
    EventTime time = 0;
    const T* record = nullptr;
    Value value{};
    int64_t records = 0;
  };
  static constexpr uint32_t kSlots = 2 * kMaxBatchRows;
  // Batches after one in which grouping did not pay; and fewer records say nothing.
  static constexpr uint32_t kUngrouped = 31;
  static constexpr uint32_t kFewRecords = 64;

  void AddToGroup(Batch<T>& batch, const T& record, uint32_t i, uint32_t row, bool groups) {
    const EventTime time = batch.has_times ? batch.times[row] : kNoEventTime;
    Group& group = groups ? GroupOf(i, SliceOf(time)) : groups_[group_count_++];
    if (group.records++ == 0) {
      group.entry = i;
      group.time = time;
      group.record = &record;
      group.value = aggregate_.CreateAccumulator();
    }
    aggregate_.Add(group.value, record);
  }
  // The group of entry i; a new one has no records.
  Group& GroupOf(uint32_t i, EventTime slice) {
    const uint64_t hash = resolver_.hash(i);
    for (uint32_t slot = static_cast<uint32_t>(hash) % kSlots;; slot = (slot + 1) % kSlots) {
      if (slots_[slot].round != round_) {
        slots_[slot] = {round_, static_cast<uint16_t>(group_count_)};
        Group& group = groups_[group_count_++];
        group.hash = hash;
        group.slice = slice;
        return group;
      }
      Group& group = groups_[slots_[slot].group];
      if (group.hash == hash && group.slice == slice && resolver_.SameKey(group.entry, i)) return group;
    }
  }
  EventTime SliceOf(EventTime time) {
    if constexpr (std::is_same_v<Grid, OneSlice>) {
      return kNoEventTime;
    } else {
      if (time == kNoEventTime) return time;
      if (time < slice_.start || time >= slice_.end) slice_ = grid_.SliceOf(time);
      return slice_.start;
    }
  }
  uint32_t EmitGroups() {
    for (uint32_t g = 0; g < group_count_; ++g) {
      Group& group = groups_[g];
      out_.SetTime(group.time);
      out_.Collect(Partial{resolver_.KeyAt(group.entry, *group.record), std::move(group.value), group.records});
      group.records = 0;
    }
    ++round_;
    return std::exchange(group_count_, 0);
  }
  void Adapt(uint32_t records, uint32_t emitted) {
    if (ungrouped_batches_ > 0) {
      --ungrouped_batches_;
    } else if (records >= kFewRecords && emitted > records - records / 4) {
      ungrouped_batches_ = kUngrouped;
    }
  }

  KeyResolver<T, Selector> resolver_;
  A aggregate_;
  const Grid grid_;
  Collector<Partial> out_;
  SliceGrid::Span slice_{0, 0};  // of the last record
  std::vector<Group> groups_;
  uint32_t group_count_ = 0;
  struct Slot {
    uint32_t round = 0;  // in which it was taken
    uint16_t group = 0;
  };
  std::vector<Slot> slots_ = std::vector<Slot>(kSlots);
  uint32_t round_ = 1;
  uint32_t ungrouped_batches_ = 0;
};

}  // namespace weir
