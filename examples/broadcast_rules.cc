// Flights that are later than their airport allows. The rules are a stream of their own: every subtask gets all of them, and they change as time goes on.
//
// A rule holds for departures from its own time on. A flight may come before a rule that applies to it, in whatever order the two files are read; so each flight
// waits, as a timer, until event time, which is the lower one of both streams, has reached its departure.
#include <vector>

#include "weir/weir.h"

using namespace std::chrono_literals;

struct Flight {
  int64_t id;
  weir::Timestamp departure;
  int32_t delay;  // minutes
  std::string_view origin;
};

struct Rule {
  int64_t id;
  weir::Timestamp since;
  std::string origin;
  int32_t limit;  // minutes of delay that are no alert
};

struct Alert {
  int64_t flight;
  std::string_view origin;
  weir::Timestamp departure;
  int32_t delay;
  int64_t rule;
};

struct Waiting {
  int64_t id;
  int32_t delay;
};

class CheckDelays : public weir::KeyedBroadcastProcessFunction<std::string_view, Flight, Rule, Alert> {
 public:
  void ProcessElement(const Flight& flight, ReadOnlyContext& ctx, weir::Collector<Alert>&) {
    std::vector<Waiting> waiting = waiting_.ValueOr(flight.departure, {});
    waiting.push_back({flight.id, flight.delay});
    waiting_.Put(flight.departure, std::move(waiting));
    ctx.timers().RegisterEventTime(flight.departure);
  }

  void ProcessBroadcastElement(const Rule& rule, Context& ctx, weir::Collector<Alert>&) {
    auto& rules = ctx.Get(rules_);
    const std::vector<Rule>* const known = rules.Find(rule.origin);
    std::vector<Rule> changed = known != nullptr ? *known : std::vector<Rule>();
    changed.push_back(rule);
    rules.Put(rule.origin, std::move(changed));
  }

  void OnTimer(weir::Timestamp departure, OnTimerContext& ctx, weir::Collector<Alert>& out) {
    const std::vector<Rule>* const rules = ctx.Get(rules_).Find(ctx.key());
    const Rule* in_force = nullptr;
    if (rules != nullptr) {
      for (const Rule& rule : *rules) {
        if (rule.since <= departure && (in_force == nullptr || rule.since > in_force->since)) in_force = &rule;
      }
    }
    for (const Waiting& flight : waiting_.ValueOr(departure, {})) {
      if (in_force == nullptr || flight.delay <= in_force->limit) continue;
      out.Collect({flight.id, ctx.key(), departure, flight.delay, in_force->id});
    }
    waiting_.Remove(departure);
  }

 private:
  weir::MapState<weir::Timestamp, std::vector<Waiting>> waiting_{this, "waiting"};  // flights ahead of event time
  weir::BroadcastState<std::string, std::vector<Rule>> rules_{this, "rules"};       // by origin
};

int main(int argc, char** argv) {
  weir::StreamExecutionEnvironment env(argc, argv);
  const std::string input = env.Parameters().Get("input", "examples/data/flights_20k.csv", "a CSV file or a folder");
  const std::string rules_file = env.Parameters().Get("rules", "examples/data/rules.csv", "a CSV file of rules");
  const std::string output = env.Parameters().Get("output", "", "folder for CSV files; without it, the terminal");

  auto rules =
      env.FromSource(weir::CsvFileSource<Rule>(rules_file),
                     weir::WatermarkStrategy<Rule>::ForMonotonousTimestamps().WithTimestamps(&Rule::since), "rules");
  auto alerts =
      env.FromSource(weir::CsvFileSource<Flight>(input),
                     weir::WatermarkStrategy<Flight>::BoundedOutOfOrderness(1h).WithTimestamps(&Flight::departure),
                     "flights")
          .KeyBy(&Flight::origin)
          .Connect(rules.Broadcast())
          .Process<CheckDelays>()
          .Uid("check-delays")
          .Name("delays against rules");
  if (output.empty()) {
    alerts.Print();
  } else {
    alerts.SinkTo(weir::CsvFileSink<Alert>(output));
  }
  return env.Execute("delays against rules").ExitCode();
}
