// The input of the window benchmarks: a million events per second of event time, up to 3 ms out of order.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "hand_table.h"
#include "job.h"

namespace weir::bench {

inline constexpr int64_t kEventsPerMs = 1000;
inline constexpr int64_t kDisorderMs = 3;

struct WindowEvent {
  int64_t key;
  int64_t value;
  Timestamp time;
};

// All keys are equally frequent. `burst_keys`: if not 0, only so many of them have events in any two seconds, one group after the other.
struct MakeWindowEvent {
  uint64_t keys;
  uint64_t burst_keys = 0;

  WindowEvent operator()(int64_t n) const {
    const uint64_t random = Mix(static_cast<uint64_t>(n));
    const int64_t now = n / kEventsPerMs;
    int64_t key = static_cast<int64_t>(((random >> 32) * (burst_keys == 0 ? keys : burst_keys)) >> 32);
    if (burst_keys != 0)
      key += static_cast<int64_t>(burst_keys * (static_cast<uint64_t>(now / 2000) % (keys / burst_keys)));
    // Times begin at 100 s, so that none is negative.
    const int64_t time = 100'000 + now - static_cast<int64_t>(random & 3);
    return {key, static_cast<int64_t>(random >> 8 & 0xffff), FromEventTime(time)};
  }
};

// One result, whatever the window.
struct WindowResult {
  int64_t key;
  int64_t end;
  int64_t value;
};
struct HashOfResult {
  uint64_t operator()(const WindowResult& r) const {
    return static_cast<uint64_t>(r.key * 31 + r.end * 17 + r.value) * 0x9e3779b97f4a7c15ull;
  }
};

inline auto EventStrategy() {
  return WatermarkStrategy<WindowEvent>::BoundedOutOfOrderness(Duration(kDisorderMs))
      .WithTimestamps(&WindowEvent::time);
}

// The watermark of a hand loop: after every 1024 events, as in a job.
class HandWatermark {
 public:
  // True: the watermark may have moved.
  bool OnEvent(int64_t time) {
    latest_ = time > latest_ ? time : latest_;
    return (++events_ & 1023) == 0;
  }
  int64_t watermark() const { return latest_ - kDisorderMs - 1; }

 private:
  int64_t latest_ = INT64_MIN + kDisorderMs + 1;
  int64_t events_ = 0;
};

}  // namespace weir::bench
