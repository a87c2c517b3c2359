#include "weir/runtime/window/slices/slice_operator_base.h"

#include <algorithm>
#include <utility>

#include "weir/runtime/operators/operator_state.h"
#include "weir/types/key_group.h"

namespace weir {

namespace {

// Results that one call emits at most, as many as one piece of other work has.
constexpr uint32_t kResultsPerBatch = 1024;
// Keys that are purged at a time, and what they take off a budget: a look-up each.
constexpr uint32_t kPurgedPerPiece = 256;
// What it takes off a budget to forget the contents of 64 keys.
constexpr uint32_t kBlockDropCost = 16;
// One before the last time of all: as timers have it.
constexpr EventTime kLastTime = kMaxWatermark - 1;
constexpr const char* kFiredState = "weir.fired-windows";

void Spend(uint32_t& budget, uint32_t cost) { budget -= std::min(budget, cost); }

}  // namespace

SliceOperatorBase::~SliceOperatorBase() = default;

void SliceOperatorBase::DeleteSlices() {
  for (SliceHead* slice : slices_) delete slice;
  for (SliceHead* window : own_windows_) delete window;
  dropped_.reset();
}

Status SliceOperatorBase::OpenSlices(const OperatorContext& context, const StatefulFunction& function,
                                     KeyForm key_form) {
  const RuntimeContext& runtime = *context.runtime;
  key_groups_ = KeyGroupRangeOf(runtime.subtask_index(), runtime.parallelism(), runtime.max_parallelism());
  WEIR_ASSIGN_OR_RETURN(keys_, SliceKeys::New(key_form, key_groups_, runtime.max_parallelism()));
  WEIR_ASSIGN_OR_RETURN(rows_,
                        SliceRows::New(function.keyed_states(), key_groups_, runtime.max_parallelism(), *keys_, *this));
  if (context.keyed_state != nullptr) context.keyed_state->Observe(*rows_);
  keys_->table().set_hot_keys(rows_->hot_keys());
  fired_ = FiredRanges(key_groups_);
  return OkStatus();
}

EventTime SliceOperatorBase::CleanUpTime(EventTime window) const {
  return std::min(internal::AddToTime(grid_.FireTime(window), lateness_), kLastTime);
}

SliceHead* SliceOperatorBase::FindSlice(const std::vector<SliceHead*>& slices, EventTime start) {
  // Records mostly belong to the last slices.
  if (slices.empty() || slices.back()->start < start) return nullptr;
  const auto at = std::lower_bound(slices.begin(), slices.end(), start,
                                   [](const SliceHead* slice, EventTime time) { return slice->start < time; });
  return (*at)->start == start ? *at : nullptr;
}

void SliceOperatorBase::AddSlice(std::vector<SliceHead*>& slices, SliceHead* slice) {
  const auto at = std::lower_bound(slices.begin(), slices.end(), slice->start,
                                   [](const SliceHead* other, EventTime time) { return other->start < time; });
  slices.insert(at, slice);
  next_due_ = std::min(next_due_, grid_.FireTime(grid_.FirstWindow(slice->start)));
}

Status SliceOperatorBase::BeginBatch(BatchBase* batch) {
  progress_.Begin(0, batch);
  return Continue(kResultsPerBatch);
}

Status SliceOperatorBase::Continue(uint32_t budget) {
  while (HasWork()) {
    if (work_ != Work::kNone) {
      if (budget == 0) return OkStatus();
      DoPiece(budget);
      continue;
    }
    WEIR_RETURN_IF_ERROR(ProcessEntries(progress_.EntriesBeforeMark()));
    if (progress_.HasMark()) {
      AdvanceWatermark(progress_.TakeMark());
      continue;
    }
    progress_.Finish();
    keys_->table().Finish();
  }
  return OkStatus();
}

void SliceOperatorBase::DoPiece(uint32_t& budget) {
  switch (work_) {
    case Work::kNone:
      return;
    case Work::kFire:
      BeginPiece();
      for (; budget > 0 && block_ < blocks_; ++block_) Spend(budget, FireBlock(block_) + 1);
      EndPiece();
      if (block_ < blocks_) return;
      EndWindow();
      fired_to_ = grid_.FireTime(window_);
      return ChooseWork();
    case Work::kDrop:
      for (; budget > 0 && block_ < dropped_->block_count(); ++block_) {
        const uint32_t put_aside = rows_->BeforeBlockChange(block_);
        dropped_->ClearBlock(block_, *keys_);
        Spend(budget, kBlockDropCost + put_aside);
      }
      if (block_ < dropped_->block_count()) return;
      dropped_.reset();
      return ChooseWork();
    case Work::kPurge:
      keys_->PurgeStale(kPurgedPerPiece);
      progress_.RowsMoved();
      Spend(budget, kPurgedPerPiece);
      return ChooseWork();
  }
}

void SliceOperatorBase::AdvanceWatermark(EventTime watermark) {
  if (watermark <= watermark_) return EmitWatermark(watermark);
  watermark_ = watermark;
  if (watermark < next_due_) {
    fired_to_ = watermark;
    return EmitWatermark(watermark);
  }
  watermark_waits_ = true;
  has_dropped_ = false;
  ForgetSlice();
  ChooseWork();
}

void SliceOperatorBase::ChooseWork() {
  block_ = 0;
  work_ = Work::kFire;
  if (ChooseWindow()) return;
  fired_to_ = watermark_;
  if (std::exchange(watermark_waits_, false)) EmitWatermark(watermark_);
  work_ = Work::kDrop;
  if (ChooseDrop()) return;
  if (std::exchange(has_dropped_, false)) keys_->Age();
  if (!fired_.empty() && fired_.IsPassed(watermark_, lateness_)) fired_.Clear();
  work_ = keys_->HasStale() ? Work::kPurge : Work::kNone;
  next_due_ = NextDue();
}

bool SliceOperatorBase::NextWindow(EventTime& window) const {
  const EventTime earliest = grid_.FirstWindow(internal::AddToTime(fired_to_, 1));
  const auto from = [](const std::vector<SliceHead*>& slices, EventTime start) {
    return std::lower_bound(slices.begin(), slices.end(), start,
                            [](const SliceHead* slice, EventTime time) { return slice->start < time; });
  };
  bool found = false;
  if (const auto slice = from(slices_, earliest); slice != slices_.end()) {
    window = std::max(earliest, grid_.FirstWindow((*slice)->start));
    found = true;
  }
  if (const auto own = from(own_windows_, earliest); own != own_windows_.end() && (!found || (*own)->start < window)) {
    window = (*own)->start;
    found = true;
  }
  // Windows that are cut off at the end of time all end there.
  return found && grid_.FireTime(window) > fired_to_;
}

bool SliceOperatorBase::ChooseWindow() {
  if (fired_to_ == kMaxWatermark || !NextWindow(window_) || grid_.FireTime(window_) > watermark_) return false;
  const EventTime end = grid_.EndOf(window_);
  std::vector<SliceHead*> inside;
  auto slice = std::lower_bound(slices_.begin(), slices_.end(), window_,
                                [](const SliceHead* other, EventTime time) { return other->start < time; });
  for (; slice != slices_.end() && (*slice)->start < end; ++slice) inside.push_back(*slice);
  BeginWindow(window_, inside, FindSlice(own_windows_, window_));
  blocks_ = (keys_->limit() + 63) / 64;
  return true;
}

bool SliceOperatorBase::ChooseDrop() {
  std::vector<SliceHead*>* from = nullptr;
  if (!slices_.empty() && CleanUpTime(grid_.LastWindow(slices_.front()->start)) <= watermark_) {
    from = &slices_;
  } else if (!own_windows_.empty() && CleanUpTime(own_windows_.front()->start) <= watermark_) {
    from = &own_windows_;
  }
  if (from == nullptr) return false;
  dropped_.reset(from->front());
  drops_window_ = from == &own_windows_;
  from->erase(from->begin());
  if (from == &slices_) OnDrop(*dropped_);
  has_dropped_ = true;
  return true;
}

EventTime SliceOperatorBase::NextDue() const {
  EventTime due = kMaxWatermark;
  EventTime window = 0;
  if (NextWindow(window)) due = grid_.FireTime(window);
  if (!slices_.empty()) due = std::min(due, CleanUpTime(grid_.LastWindow(slices_.front()->start)));
  if (!own_windows_.empty()) due = std::min(due, CleanUpTime(own_windows_.front()->start));
  return due;
}

Status SliceOperatorBase::OtherWindowsError() const {
  return FailedPreconditionError(
      "the snapshot has windows of another size, slide or offset than the job has now; give them back the values that "
      "they had, or the operator another uid");
}

Status SliceOperatorBase::EndStep() {
  keys_->table().EndStep();
  return OkStatus();
}

Status SliceOperatorBase::Snapshot(OperatorStateWriter& writer) {
  keys_->PurgeAll();
  writer.AddKeyedRows(*rows_, static_cast<uint32_t>(key_groups_.first), static_cast<uint32_t>(key_groups_.last));
  // Which windows have fired matters only where their slices are still there.
  const bool overlaps = !slices_.empty() && grid_.FireTime(grid_.FirstWindow(slices_.front()->start)) <= watermark_;
  const FiredRange now{overlaps ? slices_.front()->start : 0, watermark_, internal::AddToTime(watermark_, -lateness_)};
  writer.AddElements(kFiredState, Redistribution::kUnion, fired_.Encode(overlaps ? &now : nullptr));
  return OkStatus();
}

Status SliceOperatorBase::Restore(OperatorStateReader& reader) {
  for (const std::string& element : reader.Elements(kFiredState)) WEIR_RETURN_IF_ERROR(fired_.Add(element));
  WEIR_RETURN_IF_ERROR(reader.ReadKeyedRows(*rows_));
  next_due_ = NextDue();
  ForgetSlice();
  return OkStatus();
}

}  // namespace weir
