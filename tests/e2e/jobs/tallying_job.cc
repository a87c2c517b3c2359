// A job with keyed state of several kinds, with a time to live and without, and operator state; and the program that looks into its savepoints and
// changes them: for state_programs_test.py.
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "weir/state/processor/savepoint.h"
#include "weir/weir.h"

namespace {

struct Tallied {
  int64_t number;
  std::string key;
  int64_t fresh;     // whether the key had no first number that still lives
  int64_t total;     // of its numbers
  int64_t elements;  // of them that still live, in a list
  int64_t entries;   // the same in a map
};

class Tally : public weir::KeyedProcessFunction<std::string, int64_t, Tallied> {
 public:
  explicit Tally(weir::Ttl ttl)
      : first_(this, "first", ttl), elements_(this, "elements", ttl), entries_(this, "entries", ttl) {}
  void ProcessElement(const int64_t& number, Context& context, weir::Collector<Tallied>& out) {
    const bool fresh = !first_.Has();
    if (fresh) first_.Update(number);
    total_.Update(total_.ValueOr(0) + 1);
    elements_.Add(number);
    entries_.Put(number, -number);
    out.Collect({number, std::string(context.key()), fresh ? 1 : 0, total_.ValueOr(0),
                 static_cast<int64_t>(elements_.size()), static_cast<int64_t>(entries_.size())});
  }

 private:
  weir::ValueState<int64_t> first_;
  weir::ValueState<int64_t> total_{this, "total"};
  weir::ListState<int64_t> elements_;
  weir::MapState<int64_t, int64_t> entries_;
};

// Counts what came by, in a list that is dealt out.
class Pass : public weir::ProcessFunction<int64_t, int64_t> {
 public:
  void InitializeState(weir::RuntimeContext& context) {
    for (const int64_t each : passed_) here_ += each;
    if (context.is_restored()) std::fprintf(stderr, "passed before: %lld\n", static_cast<long long>(here_));
  }
  void SnapshotState(int64_t) { passed_.Update({here_}); }
  void ProcessElement(const int64_t& number, Context&, weir::Collector<int64_t>& out) {
    ++here_;
    out.Collect(number);
  }

 private:
  weir::OperatorListState<int64_t> passed_{this, "passed"};
  int64_t here_ = 0;
};

// The states of Tally, as far as a program wants them; the times to live are those of a job that was started with --ttl 1h.
struct TallyStates : weir::StatefulFunction {
  weir::ValueState<int64_t> first{this, "first", weir::Ttl(std::chrono::hours(1))};
  weir::ValueState<int64_t> total{this, "total"};
  weir::ListState<int64_t> elements{this, "elements", weir::Ttl(std::chrono::hours(1))};
  weir::MapState<int64_t, int64_t> entries{this, "entries", weir::Ttl(std::chrono::hours(1))};
};

struct KeyTotal {
  std::string key;
  int64_t total;
};

// Reads a savepoint into a bounded stream, and writes another one, in which everything is a thousand more and the counter has another uid.
weir::Status ProcessSavepoint(weir::StreamExecutionEnvironment& env, const std::string& path, const std::string& uid,
                              const std::string& folder, const std::string& output) {
  weir::LocalFileSystem files;
  WEIR_ASSIGN_OR_RETURN(weir::Savepoint savepoint, weir::Savepoint::Load(files, path));
  WEIR_ASSIGN_OR_RETURN(auto tallies, (savepoint.Keyed<TallyStates, std::string>("tally")));
  std::vector<KeyTotal> totals;
  tallies.ForEach([&](std::string_view key, TallyStates& tally) {
    totals.push_back({std::string(key), tally.total.ValueOr(0)});
    tally.total.Update(tally.total.ValueOr(0) + 1000);
    tally.elements.Add(-1);
  });
  tallies.At("another").total.Update(7);
  WEIR_RETURN_IF_ERROR(savepoint.PutKeyed("tally", tallies));
  WEIR_ASSIGN_OR_RETURN(const std::vector<int64_t> passed, savepoint.List<int64_t>("pass", "passed"));
  int64_t sum = 1000;
  for (const int64_t each : passed) sum += each;
  WEIR_RETURN_IF_ERROR(savepoint.PutList<int64_t>("pass", "passed", {sum}));
  if (uid != "tally") WEIR_RETURN_IF_ERROR(savepoint.ChangeUid("tally", uid));
  WEIR_ASSIGN_OR_RETURN(const std::string written, savepoint.Write(folder));
  std::printf("%s\n", written.c_str());
  env.FromCollection(totals).SinkTo(weir::CsvFileSink<KeyTotal>(output));
  return env.Execute("totals").status();
}

}  // namespace

int main(int argc, char** argv) {
  weir::StreamExecutionEnvironment env(argc, argv);
  weir::Parameters& parameters = env.Parameters();
  const std::string processed =
      parameters.Get("process", "", "a savepoint to be read and changed, in place of the job");
  const std::string uid = parameters.Get("uid", "tally", "of the counter");
  const int64_t numbers = parameters.Get("numbers", int64_t{1'000}, "how many");
  const int64_t rate = parameters.Get("rate", int64_t{0}, "numbers per second; 0: as fast as it goes");
  const int64_t keys = parameters.Get("keys", int64_t{4}, "different keys");
  const weir::Duration ttl = parameters.Get("ttl", weir::Duration(0), "of state; 0: for ever");
  const std::string output = parameters.Get("output", "out", "folder for CSV files");
  const weir::Duration stops_after = parameters.Get("stops-after", weir::Duration(0), "stops with a savepoint then");
  const std::string savepoints = parameters.Get("savepoints", "savepoints", "folder for that");
  if (!processed.empty()) {
    const weir::Status status = ProcessSavepoint(env, processed, uid, savepoints, output);
    if (!status.ok()) std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
    return status.ok() ? 0 : 1;
  }
  auto source = weir::GeneratorSource<int64_t>([](int64_t n) { return n; }, numbers);
  if (rate > 0) source.RatePerSecond(static_cast<double>(rate));
  env.FromSource(source, "numbers")
      .Uid("numbers")
      .Process<Pass>()
      .Uid("pass")
      .KeyBy([keys](int64_t n) { return "key, " + std::to_string(n % keys); })
      .Process<Tally>(ttl > weir::Duration(0) ? weir::Ttl(ttl) : weir::Ttl())
      .Uid(uid)
      .SinkTo(weir::CsvFileSink<Tallied>(output).ExactlyOnce())
      .Uid("out");
  if (stops_after == weir::Duration(0)) return env.Execute("tallying").ExitCode();
  weir::JobClient job = env.ExecuteAsync("tallying");
  if (!job.ok() || job.WaitFor(stops_after)) return 2;
  const weir::StatusOr<std::string> savepoint = job.StopWithSavepoint(savepoints);
  std::printf("%s\n", savepoint.ok() ? savepoint->c_str() : std::string(savepoint.status().message()).c_str());
  return savepoint.ok() ? job.Result().ExitCode() : 1;
}
