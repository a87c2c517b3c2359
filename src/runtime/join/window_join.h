// Window joins and coGroups: the records of both sides with one key and one window come to one function.
//
// The general window operator with two inputs: a record goes into the windows as a std::variant<L, R>, which is what triggers, evictors and assigners of
// records see (index 0: the first stream); windows keep the two sides apart.
#pragma once

#include <cstddef>
#include <iterator>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "weir/functions/join_function.h"
#include "weir/runtime/window/window_function.h"

namespace weir {

namespace internal {

// A coGroup function that is no class.
template <class L, class R, class Out, class F>
class PlainCoGroup : public PlainWindowFunction<F> {
 public:
  using PlainWindowFunction<F>::PlainWindowFunction;
  void CoGroup(const std::vector<L>& first, const std::vector<R>& second, Collector<Out>& out) {
    this->function_(first, second, out);
  }
};

// A join function, for every pair of a window: in the order of the first side, then of the second.
template <class L, class R, class Out, class F>
class PlainPairs : public PlainWindowFunction<F> {
 public:
  using PlainWindowFunction<F>::PlainWindowFunction;
  void CoGroup(const std::vector<L>& first, const std::vector<R>& second, Collector<Out>& out) {
    for (const L& left : first) {
      for (const R& right : second) {
        if constexpr (std::is_invocable_v<F&, const L&, const R&>) {
          out.Collect(this->function_(left, right));
        } else {
          this->function_(left, right, out);
        }
      }
    }
  }
};
template <class F>
class PairsOf : public F {
 public:
  template <class... Args>
  explicit PairsOf(const Args&... args) : F(args...) {}
  void CoGroup(const std::vector<typename F::First>& first, const std::vector<typename F::Second>& second,
               Collector<typename F::Result>& out) {
    for (const auto& left : first) {
      for (const auto& right : second) F::Join(left, right, out);
    }
  }
};

}  // namespace internal

// The contents of a window, by side. F: a class with CoGroup(first, second, out).
template <class L, class R, class Out, class F>
class CoGroupedContents : public F {
  static_assert(!ContainsViews<L> && !ContainsViews<R>,
                "weir: a window join keeps the windows' records, and this record type holds a std::string_view: use "
                "std::string, or Map to a type that does");

 public:
  using Record = std::variant<L, R>;
  using Value = std::pair<std::vector<L>, std::vector<R>>;
  using UserFunction = F;
  using FunctionState = NoWindowState;

  template <class... Args>
  explicit CoGroupedContents(const Args&... args) : F(args...) {}

  void Start(Value& value, const Record& record, EventTime time) { Add(value, record, time); }
  void Add(Value& value, const Record& record, EventTime) {
    if (record.index() == 0) {
      value.first.push_back(*std::get_if<0>(&record));
    } else {
      value.second.push_back(*std::get_if<1>(&record));
    }
  }
  void Merge(Value& into, Value& from) {
    Append(into.first, from.first);
    Append(into.second, from.second);
  }
  template <class Key, class Context>
  bool Emit(const Key&, Context&, const Value& value, Collector<Out>& out) {
    F::CoGroup(value.first, value.second, out);
    return true;
  }
  // Of records that an evictor has left.
  template <class Key, class Context>
  void EmitElements(const Key& key, Context& ctx, const std::vector<TimestampedRecord<Record>>& elements,
                    Collector<Out>& out) {
    Value value;
    for (const auto& element : elements) Add(value, element.record, element.time);
    Emit(key, ctx, value, out);
  }

 private:
  template <class T>
  static void Append(std::vector<T>& into, std::vector<T>& from) {
    into.insert(into.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  }
};

// Windows: a WindowFunction over std::variant<L, R>.
template <class L, class R, class Windows>
class CoWindowFunction final : public Windows {
 public:
  using Context = typename Windows::Context;
  using Windows::Windows;

  void ProcessElement1(const L& record, Context& ctx, Collector<typename Windows::Result>& out) {
    Windows::ProcessElement(std::variant<L, R>(std::in_place_index<0>, record), ctx, out);
  }
  void ProcessElement2(const R& record, Context& ctx, Collector<typename Windows::Result>& out) {
    Windows::ProcessElement(std::variant<L, R>(std::in_place_index<1>, record), ctx, out);
  }
};

// For windows that fire when a bounded input ends.
class EndOfInputTrigger : public Trigger<> {
 public:
  template <class T, class W>
  TriggerResult OnElement(const T&, const W&, Context& ctx) {
    ctx.timers().RegisterEventTime(FromEventTime(kMaxWatermark - 1));
    return TriggerResult::kContinue;
  }
  template <class W>
  TriggerResult OnEventTime(Timestamp, const W&, Context&) {
    return TriggerResult::kFireAndPurge;
  }
  std::string name() const { return "EndOfInputTrigger"; }
};

}  // namespace weir
