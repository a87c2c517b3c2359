// Sessions with a gap of 1 s, counted per key: a thousand of ten thousand keys are busy for 2 s, then the next thousand. The baseline is one loop: a table
// of the keys' open sessions, and a heap of when they end, with an entry per key that is put back while its session goes on.
//
//   sessions ours|baseline [--keys n] [--records n]
#include <queue>

#include "window_events.h"

namespace {

using namespace weir::bench;

constexpr int64_t kGap = 1000;
constexpr uint64_t kBurstKeys = 1000;

struct Session {
  int64_t start = 0;
  int64_t end = 0;
  int64_t count = 0;
};

class HandSessions {
 public:
  void Add(const WindowEvent& event, int64_t time) {
    int64_t& number = numbers_[event.key];
    if (number == 0) {
      sessions_.emplace_back();
      number = static_cast<int64_t>(sessions_.size());
    }
    const size_t index = static_cast<size_t>(number - 1);
    Session& session = sessions_[index];
    if (session.count == 0) {
      session = {time, time + kGap, 0};
      ends_.push({session.end, index, event.key});
    }
    session.start = time < session.start ? time : session.start;
    session.end = time + kGap > session.end ? time + kGap : session.end;
    ++session.count;
  }
  void Advance(int64_t watermark) {
    while (!ends_.empty() && ends_.top().time - 1 <= watermark) {
      End end = ends_.top();
      ends_.pop();
      Session& session = sessions_[end.index];
      if (session.end > end.time) {
        end.time = session.end;
        ends_.push(end);
        continue;
      }
      checksum += Digest(HashOfResult{}({end.key, session.end, session.count}));
      session.count = 0;
    }
  }
  int64_t checksum = 0;

 private:
  struct End {
    int64_t time;
    size_t index;
    int64_t key;
    bool operator<(const End& other) const { return time > other.time; }
  };
  HandTable numbers_;
  std::vector<Session> sessions_;
  std::priority_queue<End> ends_;
};

int RunBaseline(int64_t records, uint64_t keys) {
  const Stopwatch watch;
  const MakeWindowEvent make{keys, kBurstKeys};
  HandSessions hand;
  HandWatermark watermark;
  for (int64_t n = 0; n < records; ++n) {
    const WindowEvent event = make(n);
    const int64_t time = weir::ToEventTime(event.time);
    hand.Add(event, time);
    if (watermark.OnEvent(time)) hand.Advance(watermark.watermark());
  }
  hand.Advance(INT64_MAX);
  Report("sessions", records, watch, static_cast<uint64_t>(hand.checksum));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments(argc, argv);
  const uint64_t keys = static_cast<uint64_t>(arguments.Number("--keys", 10'000));
  const int64_t records = arguments.Number("--records", 30'000'000);
  if (arguments.baseline()) return RunBaseline(records, keys);
  BenchmarkEnvironment benchmark(arguments);
  benchmark.env
      .FromSource(weir::GeneratorSource<WindowEvent>(MakeWindowEvent{keys, kBurstKeys}, records), EventStrategy(),
                  "events")
      .KeyBy(&WindowEvent::key)
      .Window(weir::EventTimeSessionWindows(weir::Duration(kGap)))
      .Aggregate(weir::Count(), [](int64_t key, const weir::TimeWindow& window,
                                   int64_t count) { return WindowResult{key, weir::ToEventTime(window.end), count}; })
      .SinkTo(weir::ChecksumSink<WindowResult, HashOfResult>(HashOfResult{}));
  return benchmark.Report("sessions", records);
}
