// A job of 20 record types and 100 operators, for one figure: what it costs to compile (tools/bench.sh compile_100_operators).
// Every type has a pipeline of its own: map, filter, flatMap, a keyed aggregate, sink. It also runs, and discards what it makes.
#include <optional>
#include <string>
#include <string_view>

#include "weir/weir.h"

namespace {

// Records of two to seven fields, of the kinds that programs have: numbers, times, views, strings, an optional, a nested record.
struct Place {
  double latitude, longitude;
};

struct Flight {
  int64_t id;
  weir::Timestamp departure;
  int32_t delay;
  int32_t distance;
  std::string_view origin, destination;
};
struct Arrival {
  int64_t id;
  weir::Timestamp time;
  std::string_view airport;
  int32_t delay;
};
struct Departure {
  int64_t id;
  weir::Timestamp time;
  std::string_view airport;
  int32_t gate;
  bool delayed;
};
struct Bid {
  int64_t id;
  int64_t bidder;
  int64_t price;
  weir::Timestamp time;
  std::string_view channel, url;
};
struct Auction {
  int64_t id;
  int64_t seller;
  std::string_view item;
  int64_t reserve;
  weir::Timestamp expires;
};
struct Person {
  int64_t id;
  std::string_view name, email, city;
};
struct Click {
  int64_t id;
  int64_t user;
  std::string_view url;
  weir::Timestamp time;
};
struct View {
  int64_t id;
  std::string_view page;
  int32_t milliseconds;
};
struct Order {
  int64_t id;
  int64_t customer;
  double total;
  std::optional<double> discount;
};
struct Payment {
  int64_t id;
  int64_t order;
  double amount;
  weir::Timestamp time;
};
struct Reading {
  int64_t id;
  float celsius;
  weir::Timestamp time;
};
struct Alarm {
  int64_t id;
  std::string_view sensor;
  uint8_t level;
};
struct Quote {
  int64_t id;
  std::string_view symbol;
  double bid, ask;
};
struct Trade {
  int64_t id;
  std::string_view symbol;
  double price;
  int32_t volume;
  weir::Timestamp time;
};
struct Position {
  int64_t id;
  Place place;
  weir::Timestamp time;
};
struct Trip {
  int64_t id;
  Place from, to;
  weir::Duration duration;
};
struct LogLine {
  int64_t id;
  std::string text;
  int32_t level;
};
struct Session {
  int64_t id;
  weir::Timestamp begin, end;
  int32_t clicks;
};
struct Package {
  int64_t id;
  uint32_t weight;
  std::string_view address;
  bool fragile;
};
struct Vote {
  int64_t id;
  uint16_t choice;
};

template <class T>
void Discard(const weir::DataStream<T>& stream) {
  stream.SinkTo(weir::DiscardSink<T>());
}

// Five operators for records of one type.
#define PIPELINE(Type, aggregate)                                                      \
  Discard(numbers                                                                      \
              .Map([](int64_t number) {                                                \
                Type record{};                                                         \
                record.id = number;                                                    \
                return record;                                                         \
              })                                                                       \
              .Filter([](const Type& record) { return record.id % 3 != 0; })           \
              .FlatMap([](const Type& record, weir::Collector<Type>& out) {            \
                for (int64_t i = 0; i < record.id % 3; ++i) out.Collect(Type(record)); \
              })                                                                       \
              .KeyBy([](const Type& record) { return record.id % 100; })               \
              .aggregate)

}  // namespace

int main(int argc, char** argv) {
  weir::StreamExecutionEnvironment env(argc, argv);
  const weir::DataStream<int64_t> numbers = env.FromSequence(1, 1000);
  PIPELINE(Flight, Aggregate(weir::Avg(&Flight::delay)));
  PIPELINE(Arrival, Count());
  PIPELINE(Departure, Count());
  PIPELINE(Bid, Aggregate(weir::Max(&Bid::price)));
  PIPELINE(Auction, Count());
  PIPELINE(Person, Count());
  PIPELINE(Click, Count());
  PIPELINE(View, Aggregate(weir::Sum(&View::milliseconds)));
  PIPELINE(Order, Sum(&Order::total));
  PIPELINE(Payment, MaxBy(&Payment::amount));
  PIPELINE(Reading, Max(&Reading::celsius));
  PIPELINE(Alarm, Count());
  PIPELINE(Quote, Count());
  PIPELINE(Trade, Aggregate(weir::Avg(&Trade::price)));
  PIPELINE(Position, Reduce([](const Position&, const Position& last) { return last; }));
  PIPELINE(Trip, MinBy(&Trip::duration));
  PIPELINE(LogLine, Count());
  PIPELINE(Session, Sum(&Session::clicks));
  PIPELINE(Package, Count());
  PIPELINE(Vote, Count());
  return env.Execute("hundred operators").ExitCode();
}
