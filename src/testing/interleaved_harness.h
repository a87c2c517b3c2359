// An operator with two inputs that is fed from one list, so that CheckSameResults and CheckRescaling take it.
//
//   using Either = std::variant<Order, Payment>;
//   auto make = [](weir::HarnessOptions options) {
//     return weir::InterleavedHarness(weir::HarnessOf<Order, Payment>([](auto orders, auto payments) { return ...; }, options));
//   };
//   EXPECT_EQ(weir::CheckSameResults(make, elements), weir::OkStatus());       // elements: vector<StreamElement<Either>>
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "weir/testing/operator_harness.h"

namespace weir {

// Records go to the input of their alternative; a watermark is that of both inputs.
template <class A, class B, class Out>
class InterleavedHarness {
 public:
  using Record = std::variant<A, B>;
  using Element = StreamElement<Record>;

  explicit InterleavedHarness(TwoInputHarness<A, B, Out> harness) : harness_(std::move(harness)) {}

  // Neighbours of one input share a batch, with the watermarks between them.
  InterleavedHarness& PushElements(const std::vector<Element>& elements, InputForm form = InputForm::kDense) {
    for (size_t begin = 0; begin < elements.size();) {
      const size_t input = elements[begin].record.index();
      size_t end = begin + 1;
      while (end < elements.size() && (!IsRecord(elements[end]) || elements[end].record.index() == input)) ++end;
      if (input == 0) {
        PushRun<0>(elements, begin, end, form);
      } else {
        PushRun<1>(elements, begin, end, form);
      }
      begin = end;
    }
    return *this;
  }
  InterleavedHarness& EndInput() {
    harness_.EndInput1();
    harness_.EndInput2();
    return *this;
  }
  int SubtaskOf(const Record& record, int parallelism) {
    return record.index() == 0 ? harness_.SubtaskOf1(std::get<0>(record), parallelism)
                               : harness_.SubtaskOf2(std::get<1>(record), parallelism);
  }

  std::vector<StreamElement<Out>> TakeElements() { return harness_.TakeElements(); }
  std::vector<Out> TakeOutput() { return harness_.TakeOutput(); }
  InterleavedHarness& LimitOutput(size_t batches) {
    harness_.LimitOutput(batches);
    return *this;
  }
  InterleavedHarness& ProcessingTime(Timestamp now) {
    harness_.ProcessingTime(now);
    return *this;
  }
  StatusOr<std::string> Snapshot() { return harness_.Snapshot(); }
  InterleavedHarness& Restore(const std::vector<std::string>& written) {
    harness_.Restore(written);
    return *this;
  }
  InterleavedHarness& SnapshotAndRestore() {
    harness_.SnapshotAndRestore();
    return *this;
  }
  const Status& status() const { return harness_.status(); }
  TwoInputHarness<A, B, Out>& harness() { return harness_; }

 private:
  static bool IsRecord(const Element& element) { return element.kind == ElementKind::kRecord; }

  template <size_t kInput>
  void PushRun(const std::vector<Element>& elements, size_t begin, size_t end, InputForm form) {
    using T = std::variant_alternative_t<kInput, Record>;
    std::vector<StreamElement<T>> run;
    EventTime last = kMinWatermark;
    for (size_t i = begin; i < end; ++i) {
      if (IsRecord(elements[i])) {
        run.push_back(StreamElement<T>::Record(std::get<kInput>(elements[i].record), elements[i].time));
      } else {
        run.push_back(StreamElement<T>::Watermark(elements[i].time));
        last = elements[i].time;
      }
    }
    // The other input's watermark first: the lower of both then is the one that stands between the records.
    if constexpr (kInput == 0) {
      if (last != kMinWatermark) harness_.Watermark2(last);
      harness_.PushElements1(run, form);
    } else {
      if (last != kMinWatermark) harness_.Watermark1(last);
      harness_.PushElements2(run, form);
    }
  }

  TwoInputHarness<A, B, Out> harness_;
};

}  // namespace weir
