// All that windows may do, done naively: every record of every window is kept, every timer stands in one set.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "weir/base/time.h"

namespace weir {

struct ModelRecord {
  int64_t key = 0;
  int64_t value = 0;
  friend auto operator<=>(const ModelRecord&, const ModelRecord&) = default;
};
// What a window gives: the key, its bounds, and the sum and count of its records.
struct ModelResult {
  int64_t key = 0;
  int64_t start = 0;
  int64_t end = 0;
  int64_t sum = 0;
  int64_t count = 0;
  friend auto operator<=>(const ModelResult&, const ModelResult&) = default;
};

enum class ModelAssigner { kTumbling, kSliding, kSession, kGlobal };
enum class ModelTrigger { kEventTime, kProcessingTime, kCount, kContinuousEventTime, kContinuousProcessingTime };
enum class ModelEvictor { kNone, kCountBefore, kCountAfter, kTime };

struct ModelOptions {
  ModelAssigner assigner = ModelAssigner::kTumbling;
  bool is_processing_time = false;
  int64_t size = 10;  // or gap
  int64_t slide = 10;
  int64_t offset = 0;
  ModelTrigger trigger = ModelTrigger::kEventTime;
  int64_t every = 0;  // count or interval of the trigger
  bool purges = false;
  ModelEvictor evictor = ModelEvictor::kNone;
  int64_t evicts = 0;  // count or duration of the evictor
  int64_t lateness = 0;
};

class WindowModel {
 public:
  WindowModel(const ModelOptions& options, EventTime now) : options_(options), now_(now) {}

  std::vector<ModelResult> Record(const ModelRecord& record, EventTime time);
  std::vector<ModelResult> Watermark(EventTime watermark);
  std::vector<ModelResult> ProcessingTime(EventTime now);
  // Watermarks are not in snapshots.
  void Restore() { watermark_ = kMinWatermark; }

  int64_t dropped() const { return dropped_; }
  // Windows of which something is kept.
  bool empty() const { return windows_.empty(); }

 private:
  using Window = std::tuple<int64_t, int64_t, int64_t>;     // key, start, end
  using Timer = std::tuple<EventTime, bool, bool, Window>;  // time, of processing time, of the window (not the trigger)
  struct Kept {
    std::vector<std::pair<ModelRecord, EventTime>> records;
    int64_t count = 0;              // CountTrigger
    std::optional<EventTime> next;  // continuous triggers
  };
  enum Result { kContinue = 0, kFire = 1 };

  std::vector<Window> WindowsOf(const ModelRecord& record, EventTime time) const;
  Window MergeSessions(Window window);
  bool IsLate(const Window& window) const {
    return IsEventTime() && LastTime(window) + options_.lateness <= watermark_;
  }
  bool IsEventTime() const { return !options_.is_processing_time && options_.assigner != ModelAssigner::kGlobal; }
  static EventTime LastTime(const Window& window) { return std::get<2>(window) - 1; }
  Result OnRecord(const Window& window, EventTime time);
  Result OnTimer(const Window& window, EventTime time, bool is_processing);
  void Schedule(const Window& window, EventTime after, bool is_processing);
  void Act(Result result, const Window& window, std::vector<ModelResult>& fired);
  void Evict(Kept& kept) const;
  std::vector<ModelResult> FireTimers(bool is_processing, EventTime up_to);
  void Remove(const Window& window);
  void RemoveIfUnused(const Window& window);

  const ModelOptions options_;
  EventTime watermark_ = kMinWatermark;
  EventTime now_;
  int64_t dropped_ = 0;
  std::map<Window, Kept> windows_;
  std::set<Timer> timers_;
};

}  // namespace weir
