// Random histories of an asynchronous map against what must hold of any: every result once, in order, and none across a watermark.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "weir/base/random.h"

#include "tests/harness/status_matchers.h"
#include "tests/unit/runtime/async/asked_service.h"

namespace weir {
namespace {

using namespace std::chrono_literals;
using Element = StreamElement<int64_t>;

// One history: what went in and what came out.
class History {
 public:
  History(uint64_t seed, bool ordered)
      : random_(seed),
        ordered_(ordered),
        capacity_(1 + static_cast<int>(random_.Uniform(6))),
        harness_(AskingHarness<AskingWithTimeout>(
            service_,
            {.timeout = 40ms, .capacity = capacity_, .retry = AsyncRetry::FixedDelay(1000, 7ms), .ordered = ordered})) {
  }

  void Run() {
    for (int step = 0; step < 300; ++step) {
      Act();
      Look();
    }
    harness_.EndInput();
    while (output_.empty() || output_.back().time != kMaxWatermark) {
      ASSERT_OK(harness_.status());
      Answer();
      harness_.AdvanceProcessingTime(1ms);
      Look();
    }
  }

  // Watermarks are not in snapshots, so they are compared as bounds: each output watermark went in, and stands where it may.
  void Check() const {
    std::vector<int64_t> records;
    EventTime watermark = kMinWatermark;
    for (const auto& element : output_) {
      if (element.kind == ElementKind::kWatermark) {
        EXPECT_GE(element.time, watermark);
        watermark = element.time;
        continue;
      }
      const int64_t record = std::stoll(element.record);
      EXPECT_EQ(element.time, record);
      EXPECT_GT(record, watermark) << "a result behind a watermark that came after its record";
      records.push_back(record);
    }
    if (!ordered_) std::sort(records.begin(), records.end());
    std::vector<int64_t> expected(static_cast<size_t>(pushed_));
    for (int64_t i = 0; i < pushed_; ++i) expected[static_cast<size_t>(i)] = i;
    EXPECT_EQ(records, expected);
    EXPECT_EQ(watermark, kMaxWatermark);
  }

 private:
  void Act() {
    switch (random_.Uniform(8)) {
      case 0:
      case 1:
        return Push();
      case 2:
        pushed_watermark_ = pushed_ - 1;
        harness_.Watermark(pushed_watermark_);
        return;
      case 3:
      case 4:
        return Answer();
      case 5:
        if (!service_.open.empty() && !TimedOut(service_.open.front().record)) service_.Fail(0);
        return;
      case 6:
        harness_.AdvanceProcessingTime(Duration(random_.Uniform(20)));
        return;
      case 7:
        if (random_.Uniform(5) == 0) Restore();
        return;
    }
  }
  // Of two who may answer a request that has timed out, the later one finds that it is too late.
  void Answer() {
    if (service_.open.empty()) return;
    const size_t index = random_.Uniform(service_.open.size());
    answered_.insert(service_.open[index].record);
    service_.Answer(index);
  }
  void Push() {
    std::vector<Element> elements;
    for (uint64_t i = random_.Uniform(5); i > 0; --i, ++pushed_) {
      elements.push_back(Element::Record(pushed_, pushed_));
      watermark_before_.push_back(pushed_watermark_);
    }
    harness_.PushElements(elements);
  }
  // After its timeout a request's failure is final, which is not what this history is about.
  bool TimedOut(int64_t record) const {
    return std::any_of(service_.open.begin(), service_.open.end(),
                       [&](const auto& request) { return request.is_timeout && request.record == record; });
  }
  void Restore() {
    harness_.SnapshotAndRestore();
    service_.open.clear();  // fails them, which nobody hears any more
    answered_.clear();
    // Watermarks are not in snapshots: those that had not left are lost.
    pushed_watermark_ = kMinWatermark;
    watermark_before_.assign(watermark_before_.size(), kMinWatermark);
  }
  void Look() {
    for (auto& element : harness_.TakeElements()) {
      if (element.kind == ElementKind::kWatermark) {
        watermark_ = element.time;
      } else {
        EXPECT_GE(watermark_, watermark_before_[std::stoul(element.record)]) << "it has overtaken a watermark";
      }
      output_.push_back(std::move(element));
    }
    ASSERT_OK(harness_.status());
    std::set<int64_t> asked;
    for (const auto& request : service_.open) {
      if (!answered_.contains(request.record)) asked.insert(request.record);
    }
    EXPECT_LE(asked.size(), static_cast<size_t>(capacity_));
  }

  SeededRandom random_;
  const bool ordered_;
  const int capacity_;
  AskedService service_;
  OperatorHarness<int64_t, std::string> harness_;
  int64_t pushed_ = 0;
  EventTime pushed_watermark_ = kMinWatermark;
  std::vector<EventTime> watermark_before_;  // by record
  EventTime watermark_ = kMinWatermark;
  std::set<int64_t> answered_;
  std::vector<StreamElement<std::string>> output_;
};

TEST(AsyncModel, EveryResultLeavesOnceAndInItsPlace) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    for (const bool ordered : {true, false}) {
      SCOPED_TRACE("seed " + std::to_string(seed) + (ordered ? ", ordered" : ", unordered"));
      History history(seed, ordered);
      history.Run();
      history.Check();
      if (HasFailure()) return;
    }
  }
}

}  // namespace
}  // namespace weir
