// Properties that every operator must have, checked on an input of the test's choice.
//
//   auto make = [](weir::HarnessOptions options) {
//     return weir::HarnessOf<Click>([](auto clicks) { return clicks.KeyBy(&Click::user).template Process<BusyUser>(100); }, options);
//   };
//   EXPECT_EQ(weir::CheckSameResults(make, elements), weir::OkStatus());
//   EXPECT_EQ(weir::CheckRescaling(make, elements), weir::OkStatus());
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/base/status.h"
#include "weir/testing/operator_harness.h"
#include "weir/testing/stream_element.h"

namespace weir {

namespace internal {

// Results as text, so that runs can be compared whatever the records are.
using ResultLines = std::vector<std::string>;

template <class T>
void AppendLines(const std::vector<StreamElement<T>>& elements, ResultLines& lines) {
  for (const auto& element : elements) {
    const std::string time = element.time == kNoEventTime ? std::string() : " @" + std::to_string(element.time);
    lines.push_back(element.kind == ElementKind::kWatermark ? "watermark" + time : Printed(element.record) + time);
  }
}

// OK, or where the two differ first.
Status CompareLines(std::string_view run, const ResultLines& expected, const ResultLines& actual);

// How one run treats the same input.
struct RunVariant {
  const char* name;
  bool one_batch = false;  // all elements between two moves of the clock in one batch; else one element per batch
  InputForm form = InputForm::kDense;
  uint32_t output_batch_rows = 0;
  uint32_t resume_budget = 1024;
  size_t output_limit = RecordingOutput::kNoLimit;
  bool restore_each_step = false;
};
inline constexpr RunVariant kVariants[] = {
    {.name = "one element per batch"},
    {.name = "all elements in one batch", .one_batch = true},
    {.name = "selected rows only", .one_batch = true, .form = InputForm::kSelected},
    {.name = "results in batches of one row", .one_batch = true, .output_batch_rows = 1},
    {.name = "one result per piece of work, output full after one batch",
     .output_batch_rows = 1,
     .resume_budget = 1,
     .output_limit = 1},
    {.name = "snapshot and restore between every two elements", .restore_each_step = true},
};

template <class Harness, class Element>
void FeedOnce(Harness& harness, const std::vector<Element>& elements, InputForm form) {
  if (elements.size() == 1 && elements.front().kind == ElementKind::kProcessingTime) {
    harness.ProcessingTime(FromEventTime(elements.front().time));
  } else {
    harness.PushElements(elements, form);
  }
}

template <class Make, class Element>
StatusOr<ResultLines> RunAs(const RunVariant& variant, const Make& make, const std::vector<Element>& input) {
  auto harness =
      make(HarnessOptions{.output_batch_rows = variant.output_batch_rows, .resume_budget = variant.resume_budget});
  harness.LimitOutput(variant.output_limit);
  ResultLines lines;
  for (size_t begin = 0; begin < input.size();) {
    size_t end = begin + 1;
    const auto is_time = [&](size_t i) { return input[i].kind == ElementKind::kProcessingTime; };
    while (variant.one_batch && !is_time(begin) && end < input.size() && !is_time(end)) ++end;
    FeedOnce(harness, std::vector<Element>(input.begin() + begin, input.begin() + end), variant.form);
    AppendLines(harness.TakeElements(), lines);
    if (variant.restore_each_step) harness.SnapshotAndRestore();
    begin = end;
  }
  harness.EndInput();
  AppendLines(harness.TakeElements(), lines);
  if (!harness.status().ok()) return harness.status().Annotate(variant.name);
  return lines;
}

// The subtasks of one parallelism.
template <class Make>
class Subtasks {
 public:
  using Harness = decltype(std::declval<const Make&>()(HarnessOptions{}));

  Subtasks(const Make& make, int parallelism) {
    for (int i = 0; i < parallelism; ++i) {
      harnesses_.push_back(make(HarnessOptions{.subtask_index = i, .parallelism = parallelism}));
    }
  }
  template <class Element>
  void Push(const Element& element, ResultLines& lines) {
    if (element.kind == ElementKind::kRecord) {
      const int target = harnesses_.front().SubtaskOf(element.record, static_cast<int>(harnesses_.size()));
      harnesses_[static_cast<size_t>(target)].PushElements({element});
    } else {
      for (Harness& harness : harnesses_) FeedOnce(harness, std::vector<Element>{element}, InputForm::kDense);
    }
    for (Harness& harness : harnesses_) {
      ResultLines made;
      AppendLines(harness.TakeElements(), made);
      // The subtasks' watermarks are merged behind them, not here.
      for (std::string& line : made) {
        if (!line.starts_with("watermark")) lines.push_back(std::move(line));
      }
    }
  }
  std::vector<std::string> Snapshots() {
    std::vector<std::string> written;
    for (Harness& harness : harnesses_) {
      StatusOr<std::string> snapshot = harness.Snapshot();
      if (snapshot.ok()) written.push_back(std::move(*snapshot));
    }
    return written;
  }
  void Restore(const std::vector<std::string>& written) {
    for (Harness& harness : harnesses_) harness.Restore(written);
  }
  Status status() const {
    Status first;
    for (const Harness& harness : harnesses_) first.Update(harness.status());
    return first;
  }

 private:
  std::vector<Harness> harnesses_;
};

// Sorted: subtasks have no order among each other.
template <class Make, class Element>
StatusOr<ResultLines> RunRescaled(const std::vector<int>& parallelisms, const Make& make,
                                  const std::vector<Element>& input) {
  ResultLines lines;
  std::vector<std::string> written;
  size_t next = 0;
  for (size_t phase = 0; phase < parallelisms.size(); ++phase) {
    Subtasks<Make> subtasks(make, parallelisms[phase]);
    if (phase > 0) subtasks.Restore(written);
    const size_t end = input.size() * (phase + 1) / parallelisms.size();
    for (; next < end; ++next) subtasks.Push(input[next], lines);
    written = subtasks.Snapshots();
    WEIR_RETURN_IF_ERROR(subtasks.status());
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

}  // namespace internal

// OK if the operator gives the same results for `input` however it is cut into batches, however small its output's batches are, behind an output that
// is full most of the time, and if it is replaced by a restored one between every two elements.
// `make`: OperatorHarness<In, Out>(HarnessOptions).
template <class Make, class Element>
Status CheckSameResults(const Make& make, const std::vector<Element>& input) {
  StatusOr<internal::ResultLines> expected = internal::RunAs(internal::kVariants[0], make, input);
  if (!expected.ok()) return expected.status();
  for (const internal::RunVariant& variant : internal::kVariants) {
    StatusOr<internal::ResultLines> actual = internal::RunAs(variant, make, input);
    if (!actual.ok()) return actual.status();
    WEIR_RETURN_IF_ERROR(internal::CompareLines(variant.name, *expected, *actual));
  }
  return OkStatus();
}

// OK if a keyed operator gives the same results, in any order, when it is rescaled from one subtask to three, to two and back to one in the middle of
// `input`. Lists that are split among subtasks (OperatorListState) are not dealt out here: every subtask would get all elements.
template <class Make, class Element>
Status CheckRescaling(const Make& make, const std::vector<Element>& input) {
  StatusOr<internal::ResultLines> expected = internal::RunRescaled({1}, make, input);
  if (!expected.ok()) return expected.status();
  StatusOr<internal::ResultLines> actual = internal::RunRescaled({1, 3, 2, 1}, make, input);
  if (!actual.ok()) return actual.status();
  return internal::CompareLines("rescaled from 1 to 3 to 2 to 1", *expected, *actual);
}

}  // namespace weir
