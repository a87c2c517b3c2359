// By which operator the windows of a stream are computed.
#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>

#include "weir/functions/window/triggers.h"
#include "weir/functions/window/windows.h"
#include "weir/runtime/window/window_contents.h"

namespace weir {

enum class WindowPath : uint8_t {
  kGeneral,         // the contents of each window apart: src/runtime/window
  kSlices,          // each window is one slice: src/runtime/window/slices
  kDeductedSlices,  // windows share slices; one that leaves is taken out of a total
  kMergedSlices,    // windows share slices; merged by two stacks
};

// As the plan shows it.
constexpr std::string_view WindowPathName(WindowPath path) {
  constexpr std::string_view kNames[] = {"each window apart", "one slice per window", "slices, deducted",
                                         "slices, merged"};
  return kNames[static_cast<int>(path)];
}

namespace internal {
// In place of a trigger: the one that goes with the assigner. In place of an evictor: none.
struct DefaultTrigger {};
struct NoEvictor {};

// What contents allow. `is_plain`: one value per window, and a function without state of its own.
struct ContentsTraits {
  bool is_plain = false;
  bool merges = false;
  bool unmerges = false;
};
template <class Contents>
struct TraitsOf {
  static constexpr ContentsTraits kTraits{};
};
template <class T, class Out, class A, class F>
struct TraitsOf<AggregatedContents<T, Out, A, F>> {
  using Value = typename AggregatedContents<T, Out, A, F>::Value;
  static constexpr bool kMerges =
      requires(const A& aggregate, Value& into, const Value& from) { aggregate.Merge(into, from); };
  static constexpr bool kUnmerges =
      requires(const A& aggregate, Value& from, const Value& part) { aggregate.Unmerge(from, part); };
  static constexpr ContentsTraits kTraits{
      .is_plain = !WindowFunctionClass<F>, .merges = kMerges, .unmerges = kUnmerges};
};
template <class T, class Out, class R, class F>
struct TraitsOf<ReducedContents<T, Out, R, F>> {
  static constexpr ContentsTraits kTraits{.is_plain = !WindowFunctionClass<F>, .merges = true};
};
}  // namespace internal

// The path of windows of `Assigner` over records of type T, with contents of type `Contents` (runtime/window). Decided when the program is compiled.
template <class T, class Assigner, class Trigger, class Evictor, class Contents>
consteval WindowPath ChooseWindowPath() {
  constexpr internal::ContentsTraits kContents = internal::TraitsOf<Contents>::kTraits;
  constexpr bool kFiresAtEnd =
      std::is_same_v<Trigger, internal::DefaultTrigger> || std::is_same_v<Trigger, EventTimeTrigger>;
  if (!kFiresAtEnd || !std::is_same_v<Evictor, internal::NoEvictor> || !kContents.is_plain) return WindowPath::kGeneral;
  if (std::is_same_v<Assigner, TumblingEventTimeWindows>) return WindowPath::kSlices;
  if (!std::is_same_v<Assigner, SlidingEventTimeWindows> || !kContents.merges) return WindowPath::kGeneral;
  return kContents.unmerges ? WindowPath::kDeductedSlices : WindowPath::kMergedSlices;
}

}  // namespace weir
