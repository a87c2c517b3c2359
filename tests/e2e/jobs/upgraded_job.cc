// One job in many versions, as they follow each other in a program's life: some restore the first one's state, others must be refused.
#include <cstdio>
#include <string>

#include "weir/weir.h"

namespace first {
struct Visit {
  int32_t count = 0;
  float delay = 0;
  std::string page;
};
WEIR_RECORD(Visit, (count, 1), (delay, 2), (page, 3));
}  // namespace first

namespace added {
struct Visit {
  int32_t count = 0;
  float delay = 0;
  std::string page;
  int64_t seen = 7;
};
WEIR_RECORD(Visit, (count, 1), (delay, 2), (page, 3), (seen, 4));
}  // namespace added

namespace removed {
struct Visit {
  int32_t count = 0;
};
WEIR_RECORD(Visit, (count, 1));
}  // namespace removed

namespace reordered {
struct Visit {
  std::string page;
  int32_t count = 0;
  float delay = 0;
};
WEIR_RECORD(Visit, (page, 3), (count, 1), (delay, 2));
}  // namespace reordered

namespace widened {
struct Visit {
  int64_t count = 0;
  double delay = 0;
  std::string page;
};
WEIR_RECORD(Visit, (count, 1), (delay, 2), (page, 3));
}  // namespace widened

namespace renamed {
struct PageVisit {
  int32_t times = 0;
  float delay = 0;
  std::string page;
};
WEIR_RECORD(PageVisit, (times, 1), (delay, 2), (page, 3));
}  // namespace renamed

namespace changed {
struct Visit {
  int32_t count = 0;
  std::string delay;
  std::string page;
};
WEIR_RECORD(Visit, (count, 1), (delay, 2), (page, 3));
}  // namespace changed

namespace narrowed {
struct Visit {
  int16_t count = 0;
  float delay = 0;
  std::string page;
};
WEIR_RECORD(Visit, (count, 1), (delay, 2), (page, 3));
}  // namespace narrowed

namespace {

struct Counted {
  int64_t key;
  int64_t count;
};

auto& CountOf(renamed::PageVisit& visit) { return visit.times; }
template <class Visit>
auto& CountOf(Visit& visit) {
  return visit.count;
}

template <class Key, class Visit>
class Count : public weir::KeyedProcessFunction<Key, int64_t, Counted> {
 public:
  explicit Count(weir::Duration ttl) : visit_(this, "visit", ttl > weir::Duration(0) ? weir::Ttl(ttl) : weir::Ttl()) {}
  template <class Context>
  void ProcessElement(const int64_t& number, Context&, weir::Collector<Counted>& out) {
    Visit visit = visit_.Value();
    out.Collect({number % 5, static_cast<int64_t>(++CountOf(visit))});
    visit_.Update(visit);
  }

 private:
  weir::ValueState<Visit> visit_;
};

class CountInList : public weir::KeyedProcessFunction<int64_t, int64_t, Counted> {
 public:
  explicit CountInList(weir::Duration) {}
  void ProcessElement(const int64_t& number, Context&, weir::Collector<Counted>& out) {
    visits_.Add({});
    out.Collect({number % 5, static_cast<int64_t>(visits_.size())});
  }

 private:
  weir::ListState<first::Visit> visits_{this, "visit"};
};

using Numbers = weir::DataStream<int64_t>;

template <class Visit>
weir::DataStream<Counted> Counts(Numbers numbers, weir::Duration ttl = weir::Duration(0)) {
  return numbers.KeyBy([](int64_t n) { return n % 5; }).template Process<Count<int64_t, Visit>>(ttl);
}

weir::DataStream<Counted> Version(const std::string& version, Numbers numbers) {
  if (version == "added") return Counts<added::Visit>(numbers);
  if (version == "removed") return Counts<removed::Visit>(numbers);
  if (version == "reordered") return Counts<reordered::Visit>(numbers);
  if (version == "widened") return Counts<widened::Visit>(numbers);
  if (version == "renamed") return Counts<renamed::PageVisit>(numbers);
  if (version == "changed") return Counts<changed::Visit>(numbers);
  if (version == "narrowed") return Counts<narrowed::Visit>(numbers);
  if (version == "ttl") return Counts<first::Visit>(numbers, std::chrono::hours(1));
  if (version == "key") {
    return numbers.KeyBy([](int64_t n) { return std::to_string(n % 5); })
        .Process<Count<std::string, first::Visit>>(weir::Duration(0));
  }
  if (version == "kind") return numbers.KeyBy([](int64_t n) { return n % 5; }).Process<CountInList>(weir::Duration(0));
  return Counts<first::Visit>(numbers);
}

}  // namespace

int main(int argc, char** argv) {
  weir::StreamExecutionEnvironment env(argc, argv);
  weir::Parameters& parameters = env.Parameters();
  const std::string version = parameters.Get("job-version", "first", "which");
  const int64_t rate = parameters.Get("rate", int64_t{0}, "numbers per second; 0: as fast as it goes");
  const std::string output = parameters.Get("output", "out", "folder for CSV files");
  const weir::Duration stops_after = parameters.Get("stops-after", weir::Duration(0), "stops with a savepoint then");
  const std::string savepoints = parameters.Get("savepoints", "savepoints", "folder for that");
  auto source = weir::GeneratorSource<int64_t>([](int64_t n) { return n; }, 10'000);
  if (rate > 0) source.RatePerSecond(static_cast<double>(rate));
  auto counted = Version(version, env.FromSource(source, "numbers").Uid("numbers"));
  counted.Uid(version == "uid" ? "another" : "count").Name("count per key");
  if (version == "max") counted.SetMaxParallelism(64);
  counted.SinkTo(weir::CsvFileSink<Counted>(output).ExactlyOnce()).Uid("out");
  if (stops_after == weir::Duration(0)) return env.Execute("upgraded").ExitCode();
  weir::JobClient job = env.ExecuteAsync("upgraded");
  if (!job.ok() || job.WaitFor(stops_after)) return 2;
  const weir::StatusOr<std::string> savepoint = job.StopWithSavepoint(savepoints);
  std::printf("%s\n", savepoint.ok() ? savepoint->c_str() : std::string(savepoint.status().message()).c_str());
  return savepoint.ok() ? job.Result().ExitCode() : 1;
}
