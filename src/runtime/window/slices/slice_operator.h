// Tumbling and sliding windows of event time over keyed streams, with an aggregate or a reduce: contents per slice, not per window.
//
//   record:     added to its slice, once, however many windows it is in: [slice][number of the key] += record
//   watermark:  a window that it reaches fires from its slices (running_window.h); a slice goes when its last window is gone
//   late:       end - 1 + allowed lateness <= watermark; a record is late if its last window is. Windows that have fired and take a record fire again at once
//
// Results are those of the general path (window_function.h), also after a restore (fired_ranges.h). Contents: one of that path's, with Merge unless a
// window is one slice. Running: what the windows that fire are computed by.
#pragma once

#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "weir/functions/process_function.h"
#include "weir/functions/window/process_window_function.h"
#include "weir/runtime/operators/key_resolver.h"
#include "weir/runtime/operators/stateless.h"
#include "weir/runtime/window/late_records.h"
#include "weir/runtime/window/slices/local_aggregation.h"
#include "weir/runtime/window/slices/running_window.h"
#include "weir/runtime/window/slices/slice_operator_base.h"
#include "weir/runtime/window/slices/slice_state.h"
#include "weir/runtime/window/window_contents.h"
#include "weir/types/batch_pool.h"

namespace weir {

// What a job says of such windows, and what they keep for a key. K: the key type, or NoKey.
template <class T, class K, class ContentsType, class RunningType>
struct SliceFunction : ContentsType {
  using KeyType = K;
  using Contents = ContentsType;
  using Running = RunningType;
  using Value = typename Contents::Value;

  // `contents`: the arguments of Contents.
  template <class... Args>
  SliceFunction(const SliceGrid& grid, const Lateness<T>& lateness, const Args&... contents)
      : ContentsType(contents...), grid(grid), lateness(lateness) {}

  const SliceGrid grid;
  const Lateness<T> lateness;
  SliceState<Value> slices{this, "weir.slices"};
  // Windows with contents of their own; and whether they fire when the watermark reaches their end.
  SliceState<std::pair<Value, bool>> own_windows{this, "weir.windows"};
};

template <class T, class Selector, class Out, class Function>
class SliceOperator final : public SliceOperatorBase {
 public:
  template <class Make>
  SliceOperator(const Selector& selector, const Make& make) : SliceOperator(selector, make, make()) {}
  ~SliceOperator() override { DeleteSlices(); }  // their memory is the pools'

  Status Open(const OperatorContext& context) override {
    runtime_ = context.runtime;
    out_.Bind(context.outputs.front(), ContainsViews<Out>, !std::is_trivially_copyable_v<T> && ContainsViews<Out>);
    context_.Open(runtime_);
    context_.side_outputs().Open(context.side_outputs, context.outputs, !std::is_trivially_copyable_v<T>);
    dropped_.Open(*runtime_);
    return OpenSlices(context, function_, KeyResolver<T, Selector>::kForm);
  }
  Status ProcessBatch(int, BatchBase* untyped) override {
    BatchPtr owner(untyped);
    WEIR_RETURN_IF_ERROR(resolver_.Select(AsBatch<T>(*untyped)));
    return BeginBatch(owner.release());
  }
  Status EndStep() override {
    out_.Flush();
    context_.side_outputs().Flush();
    return SliceOperatorBase::EndStep();
  }

 private:
  using Contents = typename Function::Contents;
  using Running = typename Function::Running;
  using Value = typename Contents::Value;
  using Traits = KeyTraits<KeyOf<T, Selector>>;
  // Adding to an empty value is all that the first record of a key takes.
  static constexpr bool kHasFresh =
      std::is_trivially_copyable_v<Value> && requires(const Contents& contents) { contents.Fresh(); };
  // Contents of a window apart from its slices.
  struct Own {
    Value value;
    bool is_pending = false;  // fires when the watermark reaches its end
  };

  struct OpenSlice {
    Slice<Value>* slice = nullptr;
    EventTime start = 0;
    uint64_t length = 0;  // 0: none
    bool Holds(EventTime time) const { return static_cast<uint64_t>(time) - static_cast<uint64_t>(start) < length; }
  };
  using OwnEntries = typename SliceState<std::pair<Value, bool>>::Entries;

  template <class Make>
  SliceOperator(const Selector& selector, const Make& make, const Function& planned)
      : SliceOperatorBase(planned.grid, planned.lateness.allowed.count()),
        function_(make()),
        resolver_(selector),
        running_(function_, pool_),
        fired_keys_(&BatchTypeOf<int64_t>()) {}  // they never have rows: any type does

  // Records.

  Status ProcessEntries(uint32_t end) override {
    Batch<T>& batch = AsBatch<T>(progress_.batch());
    if (!batch.has_times && progress_.next() < end) ThrowNoTimestampForWindow(*runtime_);
    BeginOutputs(batch);
    for (uint32_t i = progress_.next(); i < end; progress_.Advance(i)) {
      if (i == progress_.prepared_end()) {
        const uint32_t to = progress_.PrepareTo();
        resolver_.PrepareRange(keys_->table(), i, to);
        for (uint32_t at = i; at < to; ++at) numbers_[at] = keys_->NumberIn(resolver_.row(at));
      }
      i = AddRun(batch, i, std::min(end, progress_.prepared_end()));
    }
    EndOutputs();
    return OkStatus();
  }
  // Results that follow may point into `input`.
  void BeginOutputs(BatchBase& input) {
    out_.BeginInput(input);
    context_.side_outputs().BeginInput(input);
    context_.SetWatermark(watermark_);
  }
  void EndOutputs() {
    out_.EndInput();
    context_.side_outputs().EndInput();
  }
  // Adds entries [i, stop) to their slices; returns `stop`.
  uint32_t AddRun(Batch<T>& batch, uint32_t i, uint32_t stop) {
    const bool far_apart = keys_->limit() > kNumbersInCache;
    const bool is_written = IsWritten();
    for (; i < stop; ++i) {
      const uint32_t row = progress_.RowOf(i);
      const T& record = batch.data()[row];
      const EventTime time = batch.times[row];
      if (!open_.Holds(time)) [[unlikely]] {
        // Records near the end of a slice go to and fro between two.
        std::swap(open_, other_);
        if (!open_.Holds(time) && !OpenSliceOf(time)) {
          AddSlowly(record, time, i);
          continue;
        }
      }
      if (far_apart && i + kPrefetchAhead < stop) open_.slice->column.Prefetch(numbers_[i + kPrefetchAhead]);
      const uint32_t number = NumberOf(i);
      if (is_written) [[unlikely]]
        BeforeChange(number);
      AddTo(*open_.slice, number, record, time);
    }
    return stop;
  }
  // Behind BeforeChange. True: the key was not in the slice.
  bool AddTo(Slice<Value>& slice, uint32_t number, const T& record, EventTime time) {
    if constexpr (kHasFresh) {
      bool is_new = false;
      if (Value* value = slice.column.FindOrRevive(number, is_new)) [[likely]] {
        function_.Add(*value, record, time);
        keys_->Use(number, is_new);
        return is_new;
      }
    }
    if (Value* value = slice.column.Find(number)) [[likely]] {
      function_.Add(*value, record, time);
      return false;
    }
    function_.Start(slice.column.Insert(number, Value{}), record, time);
    keys_->Use(number);
    return true;
  }
  // What every value of a slice begins with.
  const Value* Fresh() const {
    if constexpr (kHasFresh) {
      return &fresh_;
    } else {
      return nullptr;
    }
  }
  // The number of the key of entry i, which is given one now if it had none.
  uint32_t NumberOf(uint32_t i) {
    if (numbers_[i] != SliceKeys::kNone) [[likely]]
      return numbers_[i];
    char* const row = resolver_.row(i);
    numbers_[i] = keys_->NumberIn(row);  // the key may have come earlier in this batch
    if (numbers_[i] == SliceKeys::kNone) numbers_[i] = keys_->Assign(row);
    return numbers_[i];
  }
  Value NewFresh() const {
    if constexpr (kHasFresh) {
      return function_.Fresh();
    } else {
      return Value{};
    }
  }
  // Makes the slice of `time` the one that records are added to without a further look; false: it needs one.
  bool OpenSliceOf(EventTime time) {
    if (time == kNoEventTime || IsReplaying() || grid_.IsBetweenWindows(time)) return false;
    const SliceGrid::Span span = grid_.SliceOf(time);
    if (time >= span.end || HasFired(grid_.FirstWindow(span.start))) return false;
    open_ = {&SliceAt(span), span.start, static_cast<uint64_t>(span.end) - static_cast<uint64_t>(span.start)};
    return true;
  }
  Slice<Value>& SliceAt(const SliceGrid::Span& span) {
    if (SliceHead* found = FindSlice(slices_, span.start)) return static_cast<Slice<Value>&>(*found);
    auto* const slice = new Slice<Value>(span.start, span.end, pool_, starts_full_, Fresh());
    AddSlice(slices_, slice);
    return *slice;
  }
  void ForgetSlice() override { open_ = other_ = {}; }
  void OnDrop(SliceHead&) override { ForgetSlice(); }

  // Records that are late for some window, or for all; or whose windows have contents of their own.
  void AddSlowly(const T& record, EventTime time, uint32_t i) {
    if (time == kNoEventTime) ThrowNoTimestampForWindow(*runtime_);
    if (grid_.IsBetweenWindows(time)) {
      // It has no window that could be late.
      if (internal::AddToTime(time, lateness_) <= watermark_) Drop(record, time);
      return;
    }
    const EventTime last = grid_.LastWindow(time);
    if (IsGone(last)) return Drop(record, time);
    const uint32_t number = NumberOf(i);
    bool needs_slice = !IsReplaying();
    if (IsReplaying()) {
      ForWindowsOf(time, [&](EventTime window) { needs_slice |= !AddToOwn(record, time, number, window); });
    }
    if (needs_slice) {
      Slice<Value>& slice = SliceAt(grid_.SliceOf(time));
      BeforeChange(number);
      const bool is_new = AddTo(slice, number, record, time);
      if (slice.in_running) running_.OnLate(record, time, number, is_new);
    }
    if ((lateness_ == 0 && !IsReplaying()) || !HasFired(grid_.FirstWindow(time))) return;
    const auto key = resolver_.KeyAt(i, record);
    ForWindowsOf(time, [&](EventTime window) {
      if (HasFired(window)) FireAgain(window, number, key);
    });
  }
  // Calls f(window) for the windows of a record that are not gone, the earliest first.
  template <class F>
  void ForWindowsOf(EventTime time, F&& f) {
    const EventTime last = grid_.LastWindow(time);
    for (EventTime window = grid_.FirstWindow(time);; window = grid_.NextWindow(window)) {
      if (!IsGone(window)) f(window);
      if (window >= last) return;
    }
  }
  // Adds the record to the window's own contents, if the key has such, or is to have them from now on; false: it is for the slices.
  bool AddToOwn(const T& record, EventTime time, uint32_t number, EventTime window) {
    BeforeChange(number);
    auto* own = static_cast<Slice<Own>*>(FindSlice(own_windows_, window));
    Own* contents = own != nullptr ? own->column.Find(number) : nullptr;
    if (contents == nullptr) {
      const FiredRanges::Past past = fired_.Find(keys_->KeyGroupOf(number), grid_.EndOf(window));
      if (past == FiredRanges::Past::kNone) return false;
      const Value* const start = past == FiredRanges::Past::kFired ? MergedSlices(window, number) : nullptr;
      contents = &AddOwn(window, number, start != nullptr ? Value(*start) : Value{});
      if (start == nullptr) function_.Start(contents->value, record, time);
      if (start != nullptr) function_.Add(contents->value, record, time);
    } else {
      function_.Add(contents->value, record, time);
    }
    contents->is_pending = !HasFired(window);
    return true;
  }
  Own& AddOwn(EventTime window, uint32_t number, Value value) {
    auto* own = static_cast<Slice<Own>*>(FindSlice(own_windows_, window));
    if (own == nullptr) {
      own = new Slice<Own>(window, grid_.EndOf(window), own_pool_, false);
      AddSlice(own_windows_, own);
    }
    keys_->Use(number);
    return own->column.Insert(number, Own{std::move(value)});
  }
  void Drop(const T& record, EventTime time) {
    if (!function_.lateness.side_output.has_value()) return dropped_.Add(RecordsIn(record));
    context_.SetTime(time);
    context_.Output(*function_.lateness.side_output, record);
  }
  void FireAgain(EventTime window, uint32_t number, const typename Traits::Argument& key) {
    const auto* const own = static_cast<Slice<Own>*>(FindSlice(own_windows_, window));
    const Own* const contents = own != nullptr ? const_cast<Slice<Own>*>(own)->column.Find(number) : nullptr;
    const Value* const value = contents != nullptr ? &contents->value : MergedSlices(window, number);
    if (value == nullptr) return;
    out_.SetOwnTime(grid_.FireTime(window));
    Emit(key, grid_.Window(window), *value);
  }
  void Emit(const typename Traits::Argument& key, const TimeWindow& window, const Value& value) {
    WindowContext<TimeWindow> context(context_, window, no_state_);
    if constexpr (std::is_same_v<typename Function::KeyType, internal::NoKey>) {
      function_.Emit(internal::NoKey(), context, value, out_);
    } else {
      function_.Emit(key, context, value, out_);
    }
  }
  // What the key has in the window, valid until the next call; nullptr: nothing.
  const Value* MergedSlices(EventTime window, uint32_t number) {
    const EventTime end = grid_.EndOf(window);
    auto at = std::lower_bound(slices_.begin(), slices_.end(), window,
                               [](const SliceHead* slice, EventTime time) { return slice->start < time; });
    Value* merged = nullptr;
    for (; at != slices_.end() && (*at)->start < end; ++at) {
      Value* const part = static_cast<Slice<Value>&>(**at).column.Find(number);
      if (part == nullptr) continue;
      if (merged == nullptr) {
        merged = part;
        continue;
      }
      if constexpr (!std::is_same_v<Running, WholeWindow<Contents>>) {
        if (merged != &merged_) {
          merged_ = *merged;
          merged = &merged_;
        }
        function_.Merge(*merged, *part);
      }
    }
    return merged;
  }

  // Windows that fire.

  void BeginWindow(EventTime window, const std::vector<SliceHead*>& slices, SliceHead* own) override {
    firing_ = window;
    firing_own_ = static_cast<Slice<Own>*>(own);
    firing_slices_.clear();
    for (SliceHead* slice : slices) firing_slices_.push_back(static_cast<Slice<Value>*>(slice));
    if (!firing_slices_.empty()) starts_full_ = firing_slices_.back()->column.IsMostlyFull();
    running_.Begin(firing_slices_, grid_.NextWindow(window));
  }
  void BeginPiece() override {
    fired_batch_.reset(fired_keys_->GetEmpty());
    fired_batch_->has_times = true;  // so that collectors have a time for each result
    BeginOutputs(*fired_batch_);
    out_.SetOwnTime(grid_.FireTime(firing_));
    context_.SetTime(grid_.FireTime(firing_));
  }
  uint32_t FireBlock(uint32_t block) override {
    const TimeWindow window = grid_.Window(firing_);
    uint32_t results = 0;
    const uint64_t apart = IsReplaying() ? EmitOwn(block, window) : 0;
    running_.FireBlock(block, [&](uint32_t bit, const Value& value) {
      if (apart != 0 && (apart >> bit & 1) != 0) return;
      ++results;
      Emit(KeyOfNumber(block * kBlockRows + bit), window, value);
    });
    return results;
  }
  // Emits the window's own contents; returns the keys of the block for which slices do not count: a bit each.
  uint64_t EmitOwn(uint32_t block, const TimeWindow& window) {
    uint64_t apart = firing_own_ != nullptr ? firing_own_->column.Present(block) : 0;
    if (firing_own_ != nullptr) {
      firing_own_->column.ForEach(block, [&](uint32_t bit, Own& own) {
        if (!own.is_pending) return;
        BeforeChange(block * kBlockRows + bit);
        own.is_pending = false;
        Emit(KeyOfNumber(block * kBlockRows + bit), window, own.value);
      });
    }
    const uint32_t first = block * kBlockRows;
    for (uint32_t number = first; number < std::min(first + kBlockRows, keys_->limit()); ++number) {
      if (keys_->IsUsed(number) &&
          fired_.Find(keys_->KeyGroupOf(number), ToEventTime(window.end)) != FiredRanges::Past::kNone)
        apart |= uint64_t{1} << (number - first);
    }
    return apart;
  }
  void EndPiece() override {
    EndOutputs();
    fired_batch_.reset();
  }
  void EndWindow() override { running_.End(); }
  void EmitWatermark(EventTime watermark) override {
    out_.AddMark(watermark);
    context_.side_outputs().AddMark(watermark);
  }
  // Results may hold views of it.
  typename Traits::Argument KeyOfNumber(uint32_t number) {
    StoredKey key = keys_->KeyOf(number);
    if constexpr (!Traits::kInteger && ContainsViews<Out>) {
      const size_t owners = fired_batch_->owners.size();
      key.bytes = fired_batch_->Keep(key.bytes);
      if (fired_batch_->owners.size() != owners) BeginOutputs(*fired_batch_);
    }
    return Traits::FromStored(key);
  }

  // Snapshots.

  void Compose(uint32_t number, const RowLayout& layout, char* row) const override {
    auto entries = std::make_unique<typename SliceState<Value>::Entries>();
    const auto add_slice = [&](SliceHead* slice) {
      const Value* const value = static_cast<Slice<Value>*>(slice)->column.Find(number);
      if (value != nullptr) entries->push_back({slice->start, *value});
    };
    if (dropped_slice() != nullptr) add_slice(dropped_slice());
    for (SliceHead* slice : slices_) add_slice(slice);
    auto windows = std::make_unique<OwnEntries>();
    const auto add_window = [&](SliceHead* window) {
      const Own* const own = static_cast<Slice<Own>*>(window)->column.Find(number);
      if (own != nullptr) windows->push_back({window->start, {own->value, own->is_pending}});
    };
    if (dropped_window() != nullptr) add_window(dropped_window());
    for (SliceHead* window : own_windows_) add_window(window);
    if (!entries->empty()) PutIn(row, layout.slots[0], entries.release());
    if (!windows->empty()) PutIn(row, layout.slots[1], windows.release());
  }
  static void PutIn(char* row, const RowLayout::Slot& slot, void* owned) {
    *reinterpret_cast<void**>(row + slot.offset) = owned;
    RowFlags(row) |= slot.present;
  }
  Status Absorb(uint32_t number, const RowLayout& layout, char* row) override {
    if ((RowFlags(row) & layout.slots[0].present) != 0) {
      auto& entries = **reinterpret_cast<typename SliceState<Value>::Entries**>(row + layout.slots[0].offset);
      for (auto& entry : entries) {
        const SliceGrid::Span span = grid_.SliceOf(entry.start);
        if (span.start != entry.start) return OtherWindowsError();
        SliceAt(span).column.Insert(number, std::move(entry.value));
        keys_->Use(number);
      }
    }
    if ((RowFlags(row) & layout.slots[1].present) == 0) return OkStatus();
    auto& windows = **reinterpret_cast<OwnEntries**>(row + layout.slots[1].offset);
    for (auto& [start, value] : windows) {
      if (grid_.LastWindow(start) != start) return OtherWindowsError();
      AddOwn(start, number, std::move(value.first)).is_pending = value.second;
    }
    return OkStatus();
  }

  uint64_t contents_bytes() const override {
    return pool_.memory_bytes() + own_pool_.memory_bytes() + running_.memory_bytes();
  }

  // Numbers whose columns stay in the second-level cache with those of a few slices.
  static constexpr uint32_t kNumbersInCache = 32 * 1024;
  static constexpr uint32_t kPrefetchAhead = 12;

  Function function_;
  const Value fresh_ = NewFresh();
  KeyResolver<T, Selector> resolver_;
  CellPool pool_ = SliceColumn<Value>::NewPool();
  CellPool own_pool_ = SliceColumn<Own>::NewPool();
  Running running_;
  Collector<Out> out_;
  const RuntimeContext* runtime_ = nullptr;
  ProcessContext context_;
  DroppedRecords dropped_;
  bool starts_full_ = false;  // as the last slice that fired had better have
  // Slices that records are added to without a further look: that of the last record, and the one before.
  OpenSlice open_;
  OpenSlice other_;
  // The window that fires.
  EventTime firing_ = 0;
  Slice<Own>* firing_own_ = nullptr;
  std::vector<Slice<Value>*> firing_slices_;
  BatchPoolHandle fired_keys_;
  BatchPtr fired_batch_;  // owns the bytes of the keys of this piece
  Value merged_{};
  NoWindowState no_state_;
  uint32_t numbers_[kMaxBatchRows];
};

}  // namespace weir
