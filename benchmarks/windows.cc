// Tumbling and sliding windows: the number or the largest of the events per key. The baseline is one loop: tumbling windows have a table each; sliding
// ones a column per slice over dense key numbers, deducted from a total (counts) or merged when a window fires (largest).
//
//   windows ours|baseline [--keys n] [--size ms] [--slide ms] [--what count|max] [--against tumbling] [--records n]
//
// `--against tumbling`: the baseline is our own tumbling window of that size. Results differ then, and there is no checksum.
#include <algorithm>
#include <map>

#include "window_events.h"

namespace {

using namespace weir::bench;

struct Case {
  int64_t size, slide;
  bool max;
  uint64_t keys;
};

class HandTumbling {
 public:
  HandTumbling(const Case& c) : size_(c.size) {}
  void Add(const WindowEvent& event, int64_t time) {
    const int64_t end = time - time % size_ + size_;
    if (end != last_end_) {
      last_end_ = end;
      last_ = &windows_[end];
    }
    ++(*last_)[event.key];
  }
  void Advance(int64_t watermark) {
    while (!windows_.empty() && windows_.begin()->first - 1 <= watermark) {
      const int64_t end = windows_.begin()->first;
      windows_.begin()->second.ForEach(
          [&](int64_t key, int64_t count) { checksum += Digest(HashOfResult{}({key, end, count})); });
      windows_.erase(windows_.begin());
      last_end_ = INT64_MIN;
    }
  }
  int64_t checksum = 0;

 private:
  const int64_t size_;
  std::map<int64_t, HandTable> windows_;
  int64_t last_end_ = INT64_MIN;
  HandTable* last_ = nullptr;
};

class HandSliding {
 public:
  explicit HandSliding(const Case& c) : size_(c.size), slide_(c.slide), max_(c.max) {}
  void Add(const WindowEvent& event, int64_t time) {
    const int64_t start = time - time % slide_;
    if (start != last_start_) {
      last_start_ = start;
      last_ = &slices_[start];
    }
    int64_t& number = numbers_[event.key];
    if (number == 0) {
      keys_.push_back(event.key);
      totals_.push_back(0);
      number = static_cast<int64_t>(keys_.size());
    }
    const size_t row = static_cast<size_t>(number - 1);
    if (row >= last_->size()) last_->resize(keys_.size() + keys_.size() / 2);
    int64_t& value = (*last_)[row];
    // Values are at least 1, so that 0 is none.
    value = max_ ? std::max(value, event.value + 1) : value + 1;
  }
  // Windows end at every multiple of the slide, from that of the first slice on.
  void Advance(int64_t watermark) {
    if (slices_.empty()) return;
    if (next_end_ == INT64_MIN) next_end_ = slices_.begin()->first + slide_;
    for (; next_end_ - 1 <= watermark && !slices_.empty(); next_end_ += slide_) {
      if (max_) {
        MergeAll();
      } else {
        Deduct();
      }
      for (size_t row = 0; row < keys_.size(); ++row) {
        if (totals_[row] != 0) checksum += Digest(HashOfResult{}({keys_[row], next_end_, totals_[row]}));
      }
      const auto oldest = slices_.find(next_end_ - size_);
      if (oldest == slices_.end()) continue;
      if (!max_) ForColumn(oldest->second, [](int64_t& total, int64_t value) { total -= value; });
      slices_.erase(oldest);
      last_start_ = INT64_MIN;
    }
  }
  int64_t checksum = 0;

 private:
  template <class F>
  void ForColumn(const std::vector<int64_t>& column, F&& f) {
    const size_t rows = std::min(column.size(), totals_.size());
    for (size_t row = 0; row < rows; ++row) f(totals_[row], column[row]);
  }
  void Deduct() {
    const auto newest = slices_.find(next_end_ - slide_);
    if (newest != slices_.end()) ForColumn(newest->second, [](int64_t& total, int64_t value) { total += value; });
  }
  void MergeAll() {
    std::fill(totals_.begin(), totals_.end(), 0);
    for (auto slice = slices_.lower_bound(next_end_ - size_); slice != slices_.end() && slice->first < next_end_;
         ++slice)
      ForColumn(slice->second, [](int64_t& total, int64_t value) { total = std::max(total, value); });
  }

  const int64_t size_, slide_;
  const bool max_;
  HandTable numbers_;
  std::vector<int64_t> keys_;
  std::vector<int64_t> totals_;
  std::map<int64_t, std::vector<int64_t>> slices_;
  int64_t last_start_ = INT64_MIN;
  std::vector<int64_t>* last_ = nullptr;
  int64_t next_end_ = INT64_MIN;
};

template <class Hand>
int RunBaseline(int64_t records, const Case& c) {
  const Stopwatch watch;
  const MakeWindowEvent make{c.keys};
  Hand hand(c);
  HandWatermark watermark;
  for (int64_t n = 0; n < records; ++n) {
    const WindowEvent event = make(n);
    const int64_t time = weir::ToEventTime(event.time);
    hand.Add(event, time);
    if (watermark.OnEvent(time)) hand.Advance(watermark.watermark());
  }
  hand.Advance(INT64_MAX - c.size);
  Report("windows", records, watch, static_cast<uint64_t>(hand.checksum));
  return 0;
}

// Values are one more, as in the baseline.
struct LargestEvent {
  int64_t CreateAccumulator() const { return 0; }
  void Add(int64_t& largest, const WindowEvent& event) const { largest = std::max(largest, event.value + 1); }
  void Merge(int64_t& into, int64_t from) const { into = std::max(into, from); }
  int64_t GetResult(int64_t largest) const { return largest; }
};

template <class Windows, class A>
void AddWindows(BenchmarkEnvironment& benchmark, const Case& c, int64_t records, Windows windows, A aggregate) {
  benchmark.env
      .FromSource(weir::GeneratorSource<WindowEvent>(MakeWindowEvent{c.keys}, records), EventStrategy(), "events")
      .KeyBy(&WindowEvent::key)
      .Window(windows)
      .Aggregate(aggregate, [](int64_t key, const weir::TimeWindow& window,
                               int64_t value) { return WindowResult{key, weir::ToEventTime(window.end), value}; })
      .SinkTo(weir::ChecksumSink<WindowResult, HashOfResult>(HashOfResult{}));
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments(argc, argv);
  Case c{};
  c.size = arguments.Number("--size", 10'000);
  c.slide = arguments.Number("--slide", c.size);
  c.max = arguments.Text("--what", "count") == "max";
  c.keys = static_cast<uint64_t>(arguments.Number("--keys", 10'000));
  const int64_t records = arguments.Number("--records", 30'000'000);
  const bool against_tumbling = arguments.Text("--against", "") == "tumbling";
  if (against_tumbling && arguments.baseline()) c.slide = c.size;
  const bool tumbling = c.slide == c.size && !c.max;
  if (arguments.baseline() && !against_tumbling)
    return tumbling ? RunBaseline<HandTumbling>(records, c) : RunBaseline<HandSliding>(records, c);
  BenchmarkEnvironment benchmark(arguments);
  const weir::SlidingEventTimeWindows sliding{weir::Duration(c.size), weir::Duration(c.slide)};
  if (tumbling) {
    AddWindows(benchmark, c, records, weir::TumblingEventTimeWindows(weir::Duration(c.size)), weir::Count());
  } else if (c.max) {
    AddWindows(benchmark, c, records, sliding, LargestEvent());
  } else {
    AddWindows(benchmark, c, records, sliding, weir::Count());
  }
  return benchmark.Report("windows", records, !against_tumbling);
}
