// The three busiest origins of each day: a window counts per origin, and a process function per day puts the counts in order.
#include <algorithm>
#include <cstdio>
#include <vector>

#include "weir/weir.h"

using namespace std::chrono_literals;
using std::chrono::days;

struct Flight {
  weir::Timestamp departure;
  std::string_view origin;
};

struct Departures {
  weir::Timestamp day;
  std::string origin;
  int64_t flights;
};

struct Top {
  std::string day;  // yyyy-mm-dd
  int32_t rank;
  std::string origin;
  int64_t flights;
};

std::string DayText(weir::Timestamp time) {
  const std::chrono::year_month_day day(std::chrono::floor<days>(time));
  char text[32];
  return {text, static_cast<size_t>(std::snprintf(text, sizeof(text), "%04d-%02u-%02u", int(day.year()),
                                                  unsigned(day.month()), unsigned(day.day())))};
}

// Collects the counts of a day and ranks them when event time has reached its end: all windows of the day have fired by then.
class Ranking : public weir::KeyedProcessFunction<weir::Timestamp, Departures, Top> {
 public:
  explicit Ranking(int64_t places) : places_(places) {}

  void ProcessElement(const Departures& departures, Context& ctx, weir::Collector<Top>&) {
    counts_.Put(departures.origin, departures.flights);
    ctx.timers().RegisterEventTime(departures.day + days(1) - 1ms);
  }

  void OnTimer(weir::Timestamp, OnTimerContext& ctx, weir::Collector<Top>& out) {
    std::vector<Departures> ranking;
    for (const auto& [origin, flights] : counts_) ranking.push_back({ctx.key(), origin, flights});
    std::sort(ranking.begin(), ranking.end(), [](const Departures& a, const Departures& b) {
      return a.flights != b.flights ? a.flights > b.flights : a.origin < b.origin;
    });
    if (ranking.size() > static_cast<size_t>(places_)) ranking.resize(static_cast<size_t>(places_));
    int32_t rank = 0;
    for (const Departures& each : ranking) out.Collect({DayText(each.day), ++rank, each.origin, each.flights});
    counts_.Clear();
  }

 private:
  const int64_t places_;
  weir::MapState<std::string, int64_t> counts_{this, "counts"};
};

int main(int argc, char** argv) {
  weir::StreamExecutionEnvironment env(argc, argv);
  const std::string input = env.Parameters().Get("input", "examples/data/flights_20k.csv", "a CSV file or a folder");
  const std::string output = env.Parameters().Get("output", "", "folder for CSV files; without it, the terminal");
  const int64_t places = env.Parameters().Get("top", int64_t{3}, "origins per day");

  auto top =
      env.FromSource(weir::CsvFileSource<Flight>(input),
                     weir::WatermarkStrategy<Flight>::BoundedOutOfOrderness(1h).WithTimestamps(&Flight::departure),
                     "flights")
          .KeyBy(&Flight::origin)
          .Window(weir::TumblingEventTimeWindows(days(1)))
          .Aggregate(weir::Count(),
                     [](std::string_view origin, const weir::TimeWindow& window, int64_t flights) {
                       return Departures{window.start, std::string(origin), flights};
                     })
          .Uid("per-day")
          .Name("flights per origin and day")
          .KeyBy(&Departures::day)
          .Process<Ranking>(places)
          .Uid("ranking")
          .Name("busiest origins");
  if (output.empty()) {
    top.Print();
  } else {
    top.SinkTo(weir::CsvFileSink<Top>(output));
  }
  return env.Execute("busiest origins").ExitCode();
}
