// Users who click more often than --limit within an hour; the hour begins with the first click after the last hour ended.
//
// The clicks are departures: the airport is the user. They may come up to half an hour out of order: each waits, as a timer, until event time has
// reached it, so that they are looked at in order whatever order they came in.
#include "weir/weir.h"

using namespace std::chrono_literals;

struct Flight {
  int64_t id;
  weir::Timestamp departure;
  std::string_view origin;
};

struct Busy {
  std::string_view user;
  weir::Timestamp since;
  int64_t clicks;
};

class BusyUser : public weir::KeyedProcessFunction<std::string_view, Flight, Busy> {
 public:
  explicit BusyUser(int64_t limit) : limit_(limit) {}

  void ProcessElement(const Flight& click, Context& ctx, weir::Collector<Busy>&) {
    waiting_.Put(click.departure, waiting_.ValueOr(click.departure, 0) + 1);
    ctx.timers().RegisterEventTime(click.departure);
  }

  void OnTimer(weir::Timestamp time, OnTimerContext& ctx, weir::Collector<Busy>& out) {
    if (since_.Has() && time == since_.Value() + 1h) {
      if (clicks_.Value() > limit_) out.Collect({ctx.key(), since_.Value(), clicks_.Value()});
      since_.Clear();
      clicks_.Clear();
    }
    const int64_t clicks = waiting_.ValueOr(time, 0);
    if (clicks == 0) return;
    waiting_.Remove(time);
    if (!since_.Has()) {
      since_.Update(time);
      ctx.timers().RegisterEventTime(time + 1h);
    }
    clicks_.Update(clicks_.Value() + clicks);
  }

 private:
  const int64_t limit_;
  weir::MapState<weir::Timestamp, int64_t> waiting_{this, "waiting"};  // clicks ahead of event time
  weir::ValueState<weir::Timestamp> since_{this, "since"};
  weir::ValueState<int64_t> clicks_{this, "clicks"};
};

int main(int argc, char** argv) {
  weir::StreamExecutionEnvironment env(argc, argv);
  const std::string input = env.Parameters().Get("input", "examples/data/flights_20k.csv", "a CSV file or a folder");
  const std::string output = env.Parameters().Get("output", "", "folder for CSV files; without it, the terminal");
  const int64_t limit = env.Parameters().Get("limit", int64_t{10}, "clicks within an hour that are not busy yet");

  auto busy =
      env.FromSource(weir::CsvFileSource<Flight>(input),
                     weir::WatermarkStrategy<Flight>::BoundedOutOfOrderness(30min).WithTimestamps(&Flight::departure),
                     "clicks")
          .KeyBy(&Flight::origin)
          .Process<BusyUser>(limit)
          .Uid("busy-users")
          .Name("busy users");
  if (output.empty()) {
    busy.Print();
  } else {
    busy.SinkTo(weir::CsvFileSink<Busy>(output));
  }
  return env.Execute("busy users").ExitCode();
}
