// Two streams, each with a record per key and event-second on average, joined where the right record comes within the second behind the left one, or at
// its time; keys of both exchanged. The baseline is one loop over both streams with two deques per key.
//
//   interval_join ours|baseline [--keys n] [--records n]      records: of both streams together
#include <deque>

#include "hand_table.h"
#include "job.h"

namespace {

using namespace weir::bench;

struct Event {
  int64_t key;
  int64_t time;
  int64_t value;
};
struct Joined {
  int64_t key;
  int64_t left;
  int64_t right;
};

struct HashOf {
  uint64_t operator()(const Joined& joined) const {
    return static_cast<uint64_t>((joined.key * 31 + joined.left) * 31 + joined.right) * 0x9e3779b97f4a7c15ull;
  }
};

// `keys` records per event-second: up to ten milliseconds out of order.
struct MakeEvent {
  uint64_t keys;
  uint64_t seed;
  Event operator()(int64_t n) const {
    const uint64_t random = Mix(static_cast<uint64_t>(n) * 2 + seed);
    const int64_t time = n * 1000 / static_cast<int64_t>(keys) - static_cast<int64_t>(random % 10);
    return {static_cast<int64_t>(((random >> 32) * keys) >> 32), time, static_cast<int64_t>(random & 0xffff)};
  }
};
constexpr int64_t kUpper = 1000;
constexpr int64_t kDisorder = 10;

struct Timed {
  int64_t time;
  int64_t value;
};
struct KeyBuffers {
  std::deque<Timed> left;
  std::deque<Timed> right;
};

// What a person would write for these two streams: records nearly in order, so that what is too old stands in front.
class HandJoin {
 public:
  void Left(const Event& event) {
    KeyBuffers& key = BuffersOf(event.key);
    Keep(key.left, event);
    Expire(key.right, event.time - kDisorder);
    for (const Timed& right : key.right) {
      if (right.time >= event.time && right.time <= event.time + kUpper) Emit(event.key, event.value, right.value);
    }
  }
  void Right(const Event& event) {
    KeyBuffers& key = BuffersOf(event.key);
    Keep(key.right, event);
    Expire(key.left, event.time - kUpper - kDisorder);
    for (const Timed& left : key.left) {
      if (left.time <= event.time && left.time >= event.time - kUpper) Emit(event.key, left.value, event.value);
    }
  }
  int64_t checksum() const { return checksum_; }

 private:
  static void Keep(std::deque<Timed>& buffer, const Event& event) { buffer.push_back({event.time, event.value}); }
  static void Expire(std::deque<Timed>& buffer, int64_t before) {
    while (!buffer.empty() && buffer.front().time < before) buffer.pop_front();
  }
  void Emit(int64_t key, int64_t left, int64_t right) { checksum_ += Digest(HashOf{}({key, left, right})); }

  KeyBuffers& BuffersOf(int64_t key) {
    int64_t& number = numbers_[key];
    if (number == 0) [[unlikely]] {
      buffers_.emplace_back();
      number = static_cast<int64_t>(buffers_.size());
    }
    return buffers_[static_cast<size_t>(number) - 1];
  }

  HandTable numbers_;  // from 1
  std::deque<KeyBuffers> buffers_;
  int64_t checksum_ = 0;
};

int RunBaseline(int64_t records, uint64_t keys) {
  const Stopwatch watch;
  const MakeEvent make_left{keys, 0};
  const MakeEvent make_right{keys, 1};
  HandJoin join;
  for (int64_t n = 0; n < records / 2; ++n) {
    join.Left(make_left(n));
    join.Right(make_right(n));
  }
  Report("interval_join", records, watch, static_cast<uint64_t>(join.checksum()));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments(argc, argv);
  const uint64_t keys = static_cast<uint64_t>(arguments.Number("--keys", 10'000));
  const int64_t records = arguments.Number("--records", 20'000'000);
  if (arguments.baseline()) return RunBaseline(records, keys);
  BenchmarkEnvironment benchmark(arguments);
  const auto strategy =
      weir::WatermarkStrategy<Event>::BoundedOutOfOrderness(weir::Duration(kDisorder)).WithTimestamps(&Event::time);
  const auto events = [&](uint64_t seed) {
    return benchmark.env
        .FromSource(weir::GeneratorSource<Event>(MakeEvent{keys, seed}, records / 2), strategy, "events")
        .KeyBy(&Event::key);
  };
  events(0)
      .IntervalJoin(events(1))
      .Between(weir::Duration(0), weir::Duration(kUpper))
      .Process([](const Event& left, const Event& right) { return Joined{left.key, left.value, right.value}; })
      .SinkTo(weir::ChecksumSink<Joined, HashOf>(HashOf{}));
  return benchmark.Report("interval_join", records);
}
