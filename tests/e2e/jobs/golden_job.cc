// What eight of the examples compute, in one job of one input and with files that appear exactly once: golden_job_test.py kills it and moves it about.
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "weir/weir.h"

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

struct Flight {
  int64_t id;
  weir::Timestamp departure;
  int32_t delay;     // minutes, negative when early
  int32_t distance;  // miles
  std::string_view origin, destination;
};

// A flight that waits somewhere, and so owns its text.
struct Departure {
  int64_t id;
  weir::Timestamp departure;
  int32_t delay;
  std::string origin;
};
Departure DepartureOf(const Flight& flight) {
  return {flight.id, flight.departure, flight.delay, std::string(flight.origin)};
}

// flights_hourly: slices of windows.
struct Hour {
  std::string_view origin;
  weir::Timestamp window_start, window_end;
  int64_t flights;
  int64_t delay_sum;
  std::string mean_delay;  // six decimals
};
auto Hourly(const weir::DataStream<Flight>& flights, weir::Duration pause) {
  return flights.KeyBy(&Flight::origin)
      .Window(weir::TumblingEventTimeWindows(hours(1)))
      .Aggregate(weir::Aggregates(weir::Count(), weir::Sum(&Flight::delay)),
                 [pause](std::string_view origin, const weir::TimeWindow& window, const auto& result) {
                   if (pause > weir::Duration(0)) std::this_thread::sleep_for(pause);
                   const auto& [flights, delay] = result;
                   char mean[32];
                   std::snprintf(mean, sizeof(mean), "%.6f", static_cast<double>(delay) / static_cast<double>(flights));
                   return Hour{origin, window.start, window.end, flights, delay, mean};
                 })
      .Uid("hours");
}

// flights_sliding: slices that belong to six windows each.
struct SixHours {
  std::string_view origin;
  weir::Timestamp window_start, window_end;
  int64_t flights;
};
auto Sliding(const weir::DataStream<Flight>& flights) {
  return flights.KeyBy(&Flight::origin)
      .Window(weir::SlidingEventTimeWindows(hours(6), hours(1)))
      .Aggregate(weir::Count(), [](std::string_view origin, const weir::TimeWindow& window,
                                   int64_t flights) { return SixHours{origin, window.start, window.end, flights}; })
      .Uid("six hours");
}

// flights_sessions: windows that merge.
struct Burst {
  std::string_view origin;
  weir::Timestamp session_start, session_end;
  int64_t flights;
  int64_t length_min;
};
auto Sessions(const weir::DataStream<Flight>& flights) {
  return flights.KeyBy(&Flight::origin)
      .Window(weir::EventTimeSessionWindows(minutes(30)))
      .Aggregate(weir::Count(),
                 [](std::string_view origin, const weir::TimeWindow& session, int64_t flights) {
                   const auto length = session.end - session.start - minutes(30);
                   return Burst{origin, session.start, session.end, flights, length / minutes(1)};
                 })
      .Uid("sessions");
}

// flights_connections: an interval join.
struct Connection {
  int64_t first_id, second_id;
  std::string_view origin, via, destination;
  weir::Timestamp first_departure, second_departure;
};
auto Connections(const weir::DataStream<Flight>& flights) {
  const auto first = flights.Filter([](const Flight& flight) { return flight.id <= 200; });
  return first.KeyBy(&Flight::destination)
      .IntervalJoin(first.KeyBy(&Flight::origin))
      .Between(hours(1), hours(3))
      .Process([](const Flight& first, const Flight& second) {
        return Connection{first.id,           second.id,       first.origin,    second.origin,
                          second.destination, first.departure, second.departure};
      })
      .Uid("connections");
}

// flights_delay_alerts: a trigger with a state of its own.
struct Alert {
  std::string_view origin;
  weir::Timestamp day;
  int64_t flights;
  int64_t delay;
};
struct Progress {
  int64_t delay = 0;
  int64_t alerts = 0;
};
class DelayTrigger : public weir::Trigger<Progress> {
 public:
  weir::TriggerResult OnElement(const Flight& flight, const weir::TimeWindow&, Context& ctx) {
    Progress& progress = ctx.state();
    progress.delay += flight.delay;
    if (progress.delay < (progress.alerts + 1) * kMinutes) return weir::TriggerResult::kContinue;
    progress.alerts = progress.delay / kMinutes;
    return weir::TriggerResult::kFire;
  }
  std::string name() const { return "DelayTrigger"; }

 private:
  static constexpr int64_t kMinutes = 500;
};
auto Alerts(const weir::DataStream<Flight>& flights) {
  return flights.KeyBy(&Flight::origin)
      .Window(weir::TumblingEventTimeWindows(days(1)))
      .Trigger(DelayTrigger())
      .Aggregate(weir::Aggregates(weir::Count(), weir::Sum(&Flight::delay)),
                 [](std::string_view origin, const weir::TimeWindow& day, const auto& so_far) {
                   const auto& [flights, delay] = so_far;
                   return Alert{origin, day.start, flights, delay};
                 })
      .Uid("alerts");
}

// flights_moving_delay: windows by count, with an evictor.
struct MovingDelay {
  std::string_view origin;
  int64_t last_flight;
  int64_t flights;
  int64_t delay;
};
auto MovingDelays(const weir::DataStream<Flight>& flights) {
  return flights.Map(DepartureOf)
      .KeyBy(&Departure::origin)
      .CountWindow(50, 10)
      .Process([](std::string_view origin, const weir::GlobalWindow&, const std::vector<Departure>& last,
                  weir::Collector<MovingDelay>& out) {
        int64_t delay = 0;
        for (const Departure& each : last) delay += each.delay;
        out.Collect({origin, last.back().id, static_cast<int64_t>(last.size()), delay});
      })
      .Uid("moving");
}

// broadcast_rules: broadcast state, timers and a map per key.
struct Rule {
  int64_t id;
  weir::Timestamp since;
  std::string origin;
  int32_t limit;  // minutes of delay that are no breach
};
struct Breach {
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
class CheckDelays : public weir::KeyedBroadcastProcessFunction<std::string_view, Flight, Rule, Breach> {
 public:
  void ProcessElement(const Flight& flight, ReadOnlyContext& ctx, weir::Collector<Breach>&) {
    std::vector<Waiting> waiting = waiting_.ValueOr(flight.departure, {});
    waiting.push_back({flight.id, flight.delay});
    waiting_.Put(flight.departure, std::move(waiting));
    ctx.timers().RegisterEventTime(flight.departure);
  }
  void ProcessBroadcastElement(const Rule& rule, Context& ctx, weir::Collector<Breach>&) {
    auto& rules = ctx.Get(rules_);
    const std::vector<Rule>* const known = rules.Find(rule.origin);
    std::vector<Rule> changed = known != nullptr ? *known : std::vector<Rule>();
    changed.push_back(rule);
    rules.Put(rule.origin, std::move(changed));
  }
  void OnTimer(weir::Timestamp departure, OnTimerContext& ctx, weir::Collector<Breach>& out) {
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
  weir::MapState<weir::Timestamp, std::vector<Waiting>> waiting_{this, "waiting"};
  weir::BroadcastState<std::string, std::vector<Rule>> rules_{this, "rules"};
};

// async_enrichment without its server: requests that are under way.
class TakeAWhile : public weir::AsyncFunction<Departure, Departure> {
 public:
  void AsyncInvoke(const Departure& flight, weir::ResultFuture<Departure> result) {
    calls_.Run(result, [flight]() -> weir::StatusOr<Departure> {
      std::this_thread::sleep_for(std::chrono::milliseconds(flight.id % 20));
      return flight;
    });
  }

 private:
  weir::BlockingCalls calls_{8};
};

}  // namespace

int main(int argc, char** argv) {
  weir::StreamExecutionEnvironment env(argc, argv);
  weir::Parameters& parameters = env.Parameters();
  const std::string output = parameters.Get("output", "out", "folder for folders of CSV files");
  const auto pause = parameters.Get("pause", weir::Duration(0), "for every tenth flight: makes the job slow");
  const auto result_pause =
      parameters.Get("result-pause", weir::Duration(0), "for every hour's row: makes flights pile up");
  const auto stops_after = parameters.Get("stops-after", weir::Duration(0), "stops with a savepoint then");
  const std::string savepoints = parameters.Get("savepoints", "savepoints", "folder for that");

  const auto strategy =
      weir::WatermarkStrategy<Flight>::BoundedOutOfOrderness(hours(1)).WithTimestamps(&Flight::departure);
  const auto flights = env.FromSource(weir::CsvFileSource<Flight>("examples/data/flights_20k.csv"), strategy, "flights")
                           .Uid("flights")
                           .Filter([pause](const Flight& flight) {
                             if (pause > weir::Duration(0) && flight.id % 10 == 0) std::this_thread::sleep_for(pause);
                             return true;
                           });
  const auto rules =
      env.FromSource(weir::CsvFileSource<Rule>("examples/data/rules.csv"),
                     weir::WatermarkStrategy<Rule>::ForMonotonousTimestamps().WithTimestamps(&Rule::since), "rules")
          .Uid("rules");
  const auto write = [&output]<class T>(weir::DataStream<T> rows, const std::string& name) {
    rows.SinkTo(weir::CsvFileSink<T>(output + "/" + name).ExactlyOnce()).Uid(name + " out");
  };
  write(Hourly(flights, result_pause), "flights_hourly");
  write(Sliding(flights), "flights_sliding");
  write(Sessions(flights), "flights_sessions");
  write(Connections(flights), "flights_connections");
  write(Alerts(flights), "flights_delay_alerts");
  write(MovingDelays(flights), "flights_moving_delay");
  write(flights.KeyBy(&Flight::origin).Connect(rules.Broadcast()).Process<CheckDelays>().Uid("breaches"),
        "broadcast_rules");
  write(flights.Filter([](const Flight& flight) { return flight.delay >= 120; })
            .Map(DepartureOf)
            .AsyncMap<TakeAWhile>({.capacity = 64, .ordered = false})
            .Uid("late"),
        "async_enrichment");
  if (stops_after == weir::Duration(0)) return env.Execute("golden").ExitCode();

  weir::JobClient job = env.ExecuteAsync("golden");
  if (!job.ok() || job.WaitFor(stops_after)) return 2;
  const weir::StatusOr<std::string> savepoint = job.StopWithSavepoint(savepoints);
  std::printf("%s\n", savepoint.ok() ? savepoint->c_str() : std::string(savepoint.status().message()).c_str());
  return savepoint.ok() ? job.Result().ExitCode() : 1;
}
