// Jobs whose operators keep state of other kinds than counts per key, and whose parts end at different times: for state_kinds_test.py.
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "weir/weir.h"

namespace {

using Numbers = weir::DataStream<int64_t>;

Numbers NumbersOf(weir::StreamExecutionEnvironment& env, const std::string& name, int64_t count, int64_t rate) {
  auto source = weir::GeneratorSource<int64_t>([](int64_t n) { return n; }, count);
  if (rate > 0) source.RatePerSecond(static_cast<double>(rate));
  return env.FromSource(source, name).Uid(name);
}

// Adds up what it sees in a list that is dealt out, and in one of which each subtask keeps what all others had seen as well.
struct Seen {
  int64_t number;
  int64_t here;  // by this subtask and those whose list it took over
  int64_t all;   // known of all at the last restore, and seen here since
};
class Remember : public weir::ProcessFunction<int64_t, Seen> {
 public:
  void InitializeState(weir::RuntimeContext& context) {
    for (const int64_t each : seen_) here_ += each;
    for (const int64_t each : union_) before_ += each;
    std::fprintf(stderr, "subtask %d restored %d: %lld of %lld\n", context.subtask_index(), context.is_restored(),
                 static_cast<long long>(here_), static_cast<long long>(before_));
  }
  void SnapshotState(int64_t) {
    seen_.Update({here_});
    union_.Update({here_});
  }
  void ProcessElement(const int64_t& number, Context&, weir::Collector<Seen>& out) {
    ++here_;
    out.Collect({number, here_, before_});
  }
  void NotifyCheckpointAborted(int64_t id) { std::fprintf(stderr, "aborted %lld\n", static_cast<long long>(id)); }

 private:
  weir::OperatorListState<int64_t> seen_{this, "seen"};
  weir::UnionListState<int64_t> union_{this, "all"};
  int64_t here_ = 0;
  int64_t before_ = 0;
};

struct Size {
  int64_t number;
  int64_t held;
};
// Keeps text of every number: state that grows.
class Keep : public weir::KeyedProcessFunction<int64_t, int64_t, Size> {
 public:
  explicit Keep(int64_t bytes) : bytes_(bytes) {}
  void ProcessElement(const int64_t& number, Context&, weir::Collector<Size>& out) {
    texts_.Add(std::string(static_cast<size_t>(bytes_), 'x'));
    out.Collect({number, static_cast<int64_t>(texts_.size())});
  }
  void NotifyCheckpointAborted(int64_t id) { std::fprintf(stderr, "aborted %lld\n", static_cast<long long>(id)); }

 private:
  weir::ListState<std::string> texts_{this, "texts"};
  const int64_t bytes_;
};

struct Entry {
  int64_t number;
  int64_t count;  // of its entry
  int64_t size;   // of the map
};
// Counts in a few maps that become large.
class Tell : public weir::KeyedProcessFunction<int64_t, int64_t, Entry> {
 public:
  explicit Tell(int64_t entries) : entries_(entries) {}
  void ProcessElement(const int64_t& number, Context&, weir::Collector<Entry>& out) {
    const int64_t entry = number / 3 % entries_;
    map_.Put(entry, map_.ValueOr(entry, 0) + 1);
    out.Collect({number, *map_.Get(entry), static_cast<int64_t>(map_.size())});
  }

 private:
  weir::MapState<int64_t, int64_t> map_{this, "map"};
  const int64_t entries_;
};

struct Total {
  int64_t number;
  int64_t sum;   // of all that its key had until then
  int64_t size;  // how many these are
};
// Keeps every number in a few lists that become large.
class Collect : public weir::KeyedProcessFunction<int64_t, int64_t, Total> {
 public:
  void ProcessElement(const int64_t& number, Context&, weir::Collector<Total>& out) {
    numbers_.Add(number);
    int64_t sum = 0;
    for (const int64_t each : numbers_.Get()) sum += each;
    out.Collect({number, sum, static_cast<int64_t>(numbers_.size())});
  }

 private:
  weir::ListState<int64_t> numbers_{this, "numbers"};
};

}  // namespace

int main(int argc, char** argv) {
  weir::StreamExecutionEnvironment env(argc, argv);
  weir::Parameters& parameters = env.Parameters();
  const std::string which = parameters.Get("which", "remember", "remember, two-sources, keep, maps, lists or windows");
  const int64_t numbers = parameters.Get("numbers", int64_t{10'000}, "how many");
  const int64_t few = parameters.Get("few", int64_t{100}, "how many of the source that ends early");
  const int64_t rate = parameters.Get("rate", int64_t{0}, "numbers per second; 0: as fast as it goes");
  const int64_t slow_from =
      parameters.Get("slow-from", int64_t{-1}, "numbers from there on take a tenth of a millisecond each");
  const int64_t bytes = parameters.Get("bytes", int64_t{10}, "of state for each number");
  const int64_t entries = parameters.Get("entries", int64_t{5000}, "of each map");
  const std::string output = parameters.Get("output", "out", "folder for CSV files");
  if (which == "keep") {
    NumbersOf(env, "numbers", numbers, rate)
        .KeyBy([](int64_t n) { return n % 10; })
        .Process<Keep>(bytes)
        .Uid("keep")
        .SinkTo(weir::CsvFileSink<Size>(output).ExactlyOnce());
  } else if (which == "maps") {
    NumbersOf(env, "numbers", numbers, rate)
        .KeyBy([](int64_t n) { return n % 3; })
        .Process<Tell>(entries)
        .Uid("maps")
        .SinkTo(weir::CsvFileSink<Entry>(output).ExactlyOnce());
  } else if (which == "lists") {
    NumbersOf(env, "numbers", numbers, rate)
        .KeyBy([](int64_t n) { return n % 3; })
        .Process<Collect>()
        .Uid("lists")
        .SinkTo(weir::CsvFileSink<Total>(output).ExactlyOnce());
  } else if (which == "windows") {
    // Every number is a key of its own, and all are in one window until the end.
    NumbersOf(env, "numbers", numbers, rate)
        .AssignTimestampsAndWatermarks(weir::WatermarkStrategy<int64_t>::BoundedOutOfOrderness(std::chrono::minutes(1))
                                           .WithTimestamps([](int64_t) { return weir::Timestamp{}; }))
        .KeyBy([](int64_t n) { return n; })
        .Window(weir::TumblingEventTimeWindows(std::chrono::hours(1)))
        .Aggregate(weir::Count())
        .Uid("windows")
        .SinkTo(weir::DiscardSink<std::pair<int64_t, int64_t>>());
  } else if (which == "two-sources") {
    Numbers both = NumbersOf(env, "many", numbers, rate).Union(NumbersOf(env, "few", few, 0));
    both.Rebalance().Process<Remember>().Uid("remember").SinkTo(weir::CsvFileSink<Seen>(output).ExactlyOnce());
  } else {
    NumbersOf(env, "numbers", numbers, rate)
        .Map([slow_from](int64_t n) {
          if (slow_from >= 0 && n >= slow_from) std::this_thread::sleep_for(std::chrono::microseconds(100));
          return n;
        })
        .Process<Remember>()
        .Uid("remember")
        .SinkTo(weir::CsvFileSink<Seen>(output).ExactlyOnce());
  }
  return env.Execute(which).ExitCode();
}
