// Tests one operator, or one user function, without a job: records in, results out, time in the test's hands.
//
//   auto harness = weir::HarnessOf<Click>([](auto clicks) { return clicks.KeyBy(&Click::user).template Process<BusyUser>(100); });
//   harness.Push({.user = 7}, 1000).Watermark(2000);
//   EXPECT_EQ(harness.ExpectOutput({{7, "busy"}}), weir::OkStatus());
//
// Every call is a step of its own, as a task would do it: what the operator made of a record is there when Push returns. Strings and views of input
// records live as long as their batch and turn to rubbish with it; a result that points into them shows that at once.
// The first error ends everything: later calls do nothing, status() and the Expect calls say what it was. docs/user/testing.md has more.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/status.h"
#include "weir/base/time.h"
#include "weir/functions/output_tag.h"
#include "weir/testing/operator_driver.h"
#include "weir/testing/stream_element.h"
#include "weir/types/batch.h"
#include "weir/types/batch_pool.h"
#include "weir/types/batch_type.h"
#include "weir/types/print.h"
#include "weir/types/rehome.h"
#include "weir/types/serializer.h"

namespace weir {

// How records reach the operator. All of them must give the same results.
enum class InputForm : uint8_t {
  kDense,     // batches of just these records
  kSelected,  // batches in which only every other row counts, as after a filter or a partitioner
};

namespace internal {

// Two lists of records compared by their bytes, so that records need no operator==.
template <class T>
Status CompareRecords(const std::vector<T>& expected, const std::vector<T>& actual) {
  const auto text = [](const std::vector<T>& records) {
    std::string all;
    for (const T& record : records) all += "\n  " + Printed(record);
    return records.empty() ? std::string("\n  nothing") : all;
  };
  bool equal = expected.size() == actual.size();
  for (size_t i = 0; equal && i < expected.size(); ++i)
    equal = EncodeToString(expected[i]) == EncodeToString(actual[i]);
  if (equal) return OkStatus();
  return FailedPreconditionError("expected" + text(expected) + "\ngot" + text(actual));
}

}  // namespace internal

// What operators with one and with two inputs have in common: everything behind the operator. `Harness`: the derived class, for calls in a chain.
template <class Harness, class Out>
class HarnessBase {
 public:
  // The records that came out since the last Take or Expect. Views in them are good as long as the harness lives.
  std::vector<Out> TakeOutput() {
    TakeElements();
    return std::exchange(records_, {});
  }
  // Records and watermarks in the order in which they came.
  std::vector<StreamElement<Out>> TakeElements() {
    std::vector<StreamElement<Out>> elements;
    do {
      while (BatchPtr batch = driver_->output(0).Take()) AppendElements(*batch, elements);
      driver_->Run();  // there is room again
    } while (driver_->output(0).waiting() > 0);
    records_.clear();
    for (const auto& element : elements) {
      if (element.kind == ElementKind::kRecord) records_.push_back(element.record);
      if (element.kind == ElementKind::kWatermark) watermark_ = element.time;
    }
    return elements;
  }
  // OK if exactly these records came out, in this order, since the last call; else what came instead, or the operator's error.
  Status ExpectOutput(const std::vector<Out>& expected) {
    const std::vector<Out> actual = TakeOutput();
    if (!status().ok()) return status();
    return internal::CompareRecords(expected, actual);
  }
  Status ExpectNoOutput() { return ExpectOutput({}); }
  // The same for a side output that the operator declares (that somebody reads).
  template <class U>
  std::vector<U> TakeSideOutput(const OutputTag<U>& tag) {
    std::vector<U> records;
    const int number = driver_->OutputNumber(tag.name);
    if (number < 0) return records;
    while (BatchPtr batch = driver_->output(static_cast<size_t>(number)).Take()) {
      AsBatch<U>(*batch).ForEach([&](const U& record, uint32_t) { records.push_back(OwnedCopy(record)); });
    }
    return records;
  }
  template <class U>
  Status ExpectSideOutput(const OutputTag<U>& tag, const std::vector<U>& expected) {
    const std::vector<U> actual = TakeSideOutput(tag);
    if (!status().ok()) return status();
    return internal::CompareRecords(expected, actual);
  }
  // The last watermark that came out, of what has been taken so far; kMinWatermark: none.
  EventTime output_watermark() const { return watermark_; }

  // Moves the clock to `now`.
  Harness& ProcessingTime(Timestamp now) {
    driver_->ProcessingTime(ToEventTime(now));
    return self();
  }
  Harness& AdvanceProcessingTime(Duration by) { return ProcessingTime(clock().WallTime() + by); }

  // The outputs say that they are full while `batches` of them have not been taken; 0: always. Input then waits, as in a job.
  Harness& LimitOutput(size_t batches) {
    driver_->SetOutputLimit(batches);
    return self();
  }
  Harness& UnlimitOutput() {
    driver_->SetOutputLimit(RecordingOutput::kNoLimit);
    driver_->Run();
    return self();
  }

  // The operator's state, as a checkpoint would write it now.
  StatusOr<std::string> Snapshot() { return driver_->Snapshot(); }
  // Puts a new operator in the place of the running one, with this state: what each of the subtasks that are now this one wrote. Key groups that are
  // not this subtask's are left out, so the whole state of a job may be given to every subtask of another parallelism.
  Harness& Restore(const std::vector<std::string>& written) {
    driver_->Restore(written);
    return self();
  }
  Harness& SnapshotAndRestore() {
    StatusOr<std::string> written = Snapshot();
    if (written.ok()) driver_->Restore({*written});
    return self();
  }
  // Ends the operator as at the end of a job; `status()` then has what its Close said.
  Harness& Close() {
    driver_->Close(!status().ok());
    return self();
  }

  const Status& status() const { return driver_->status(); }
  ManualClock& clock() { return driver_->clock(); }
  Accumulators& accumulators() { return driver_->accumulators(); }
  MetricGroup& metrics() { return driver_->metrics(); }
  InMemoryFileSystem& file_system() { return driver_->file_system(); }
  OperatorDriver& driver() { return *driver_; }

 protected:
  HarnessBase(OperatorUnderTest under_test, HarnessOptions options)
      : driver_(std::make_unique<OperatorDriver>(std::move(under_test), std::move(options))),
        texts_(kept_->GetEmpty()) {}

  template <class T>
  static void AppendRecord(BatchBase& batch, const StreamElement<T>& element, bool timed);
  template <class T>
  void Feed(int input, const std::vector<StreamElement<T>>& elements, InputForm form);
  Harness& self() { return static_cast<Harness&>(*this); }

  std::unique_ptr<OperatorDriver> driver_;

 private:
  void AppendElements(BatchBase& batch, std::vector<StreamElement<Out>>& elements);
  // A copy whose views live as long as this harness: the batch that it came in is recycled.
  template <class U>
  U OwnedCopy(const U& record) {
    U copy = record;
    internal::Rehome(copy, *texts_);
    return copy;
  }

  BatchPoolHandle kept_{&BatchTypeOf<Out>()};
  BatchPtr texts_;
  std::vector<Out> records_;
  EventTime watermark_ = kMinWatermark;
};

template <class Harness, class Out>
void HarnessBase<Harness, Out>::AppendElements(BatchBase& batch, std::vector<StreamElement<Out>>& elements) {
  size_t next_mark = 0;
  const auto marks_before = [&](uint32_t row) {
    for (; next_mark < batch.marks.size() && batch.marks[next_mark].row <= row; ++next_mark) {
      elements.push_back(StreamElement<Out>::Watermark(batch.marks[next_mark].watermark));
    }
  };
  AsBatch<Out>(batch).ForEach([&](const Out& record, uint32_t row) {
    marks_before(row);
    elements.push_back(
        StreamElement<Out>::Record(OwnedCopy(record), batch.has_times ? batch.times[row] : kNoEventTime));
  });
  marks_before(UINT32_MAX);
}

template <class Harness, class Out>
template <class T>
void HarnessBase<Harness, Out>::AppendRecord(BatchBase& batch, const StreamElement<T>& element, bool timed) {
  if (timed) batch.times[batch.size] = element.time;
  T& row = AsBatch<T>(batch).Append();
  row = element.record;
  internal::Rehome(row, batch);
}

// One batch, with the watermarks among `elements` as marks in it; another one whenever it is full.
template <class Harness, class Out>
template <class T>
void HarnessBase<Harness, Out>::Feed(int input, const std::vector<StreamElement<T>>& elements, InputForm form) {
  bool timed = false;
  for (const auto& element : elements) timed |= element.kind == ElementKind::kRecord && element.time != kNoEventTime;
  for (size_t next = 0; next < elements.size();) {
    BatchBase* const batch = driver_->NewBatch(input);
    if (timed) batch->UseTimes();
    uint32_t selected = 0;
    for (; next < elements.size() && batch->size + 2 <= batch->capacity; ++next) {
      if (elements[next].kind == ElementKind::kWatermark) {
        batch->marks.push_back(Mark{batch->size, elements[next].time});
        continue;
      }
      // A row that does not count stands before each that does.
      if (form == InputForm::kSelected) AppendRecord(*batch, StreamElement<T>::Record(T{}), timed);
      batch->selection[selected++] = static_cast<uint16_t>(batch->size);
      AppendRecord(*batch, elements[next], timed);
    }
    batch->selected = selected;
    batch->has_selection = form == InputForm::kSelected && selected > 0;
    driver_->Process(input, batch);
  }
}

// An operator with one input.
template <class In, class Out>
class OperatorHarness : public HarnessBase<OperatorHarness<In, Out>, Out> {
  using Base = HarnessBase<OperatorHarness<In, Out>, Out>;

 public:
  using Element = StreamElement<In>;
  // `under_test`: with `inputs` and `output` left empty.
  explicit OperatorHarness(OperatorUnderTest under_test, HarnessOptions options = {})
      : Base(Typed(std::move(under_test)), std::move(options)) {}

  // One record, in a batch of its own; `time`: its event time in milliseconds.
  OperatorHarness& Push(const In& record, EventTime time = kNoEventTime) {
    return PushElements({Element::Record(record, time)});
  }
  OperatorHarness& Push(const In& record, Timestamp time) { return Push(record, ToEventTime(time)); }
  // All records in one batch.
  OperatorHarness& PushBatch(const std::vector<In>& records, InputForm form = InputForm::kDense) {
    std::vector<Element> elements;
    for (const In& record : records) elements.push_back(Element::Record(record));
    return PushElements(elements, form);
  }
  // Records and watermarks in one batch.
  OperatorHarness& PushElements(const std::vector<Element>& elements, InputForm form = InputForm::kDense) {
    this->Feed(0, elements, form);
    return *this;
  }
  OperatorHarness& Watermark(EventTime watermark) {
    this->driver_->Watermark(0, watermark);
    return *this;
  }
  OperatorHarness& Watermark(Timestamp watermark) { return Watermark(ToEventTime(watermark)); }
  // The subtask out of `parallelism` that gets `record` in a job; 0 if the operator is not keyed.
  int SubtaskOf(const In& record, int parallelism) {
    BatchPtr batch(this->driver_->NewBatch(0));
    this->AppendRecord(*batch, Element::Record(record), false);
    return this->driver_->SubtaskOf(0, *batch, parallelism);
  }
  // The end of a bounded input: the watermark +infinity, then nothing.
  OperatorHarness& EndInput() {
    this->driver_->EndInput(0);
    return *this;
  }

 private:
  static OperatorUnderTest Typed(OperatorUnderTest under_test) {
    under_test.inputs = {&BatchTypeOf<In>()};
    under_test.output = &BatchTypeOf<Out>();
    return under_test;
  }
};

// An operator with two inputs.
template <class A, class B, class Out>
class TwoInputHarness : public HarnessBase<TwoInputHarness<A, B, Out>, Out> {
  using Base = HarnessBase<TwoInputHarness<A, B, Out>, Out>;

 public:
  explicit TwoInputHarness(OperatorUnderTest under_test, HarnessOptions options = {})
      : Base(Typed(std::move(under_test)), std::move(options)) {}

  TwoInputHarness& Push1(const A& record, EventTime time = kNoEventTime) {
    this->template Feed<A>(0, {StreamElement<A>::Record(record, time)}, InputForm::kDense);
    return *this;
  }
  TwoInputHarness& Push2(const B& record, EventTime time = kNoEventTime) {
    this->template Feed<B>(1, {StreamElement<B>::Record(record, time)}, InputForm::kDense);
    return *this;
  }
  TwoInputHarness& PushElements1(const std::vector<StreamElement<A>>& elements, InputForm form = InputForm::kDense) {
    this->Feed(0, elements, form);
    return *this;
  }
  TwoInputHarness& PushElements2(const std::vector<StreamElement<B>>& elements, InputForm form = InputForm::kDense) {
    this->Feed(1, elements, form);
    return *this;
  }
  TwoInputHarness& Watermark1(EventTime watermark) { return WatermarkOf(0, watermark); }
  TwoInputHarness& Watermark2(EventTime watermark) { return WatermarkOf(1, watermark); }
  // The subtask out of `parallelism` that gets a record of the first (second) input in a job; 0 if that input is not keyed.
  int SubtaskOf1(const A& record, int parallelism) { return SubtaskOf<A>(0, record, parallelism); }
  int SubtaskOf2(const B& record, int parallelism) { return SubtaskOf<B>(1, record, parallelism); }
  TwoInputHarness& EndInput1() { return End(0); }
  TwoInputHarness& EndInput2() { return End(1); }

 private:
  TwoInputHarness& WatermarkOf(int input, EventTime watermark) {
    this->driver_->Watermark(input, watermark);
    return *this;
  }
  template <class T>
  int SubtaskOf(int input, const T& record, int parallelism) {
    BatchPtr batch(this->driver_->NewBatch(input));
    this->AppendRecord(*batch, StreamElement<T>::Record(record), false);
    return this->driver_->SubtaskOf(input, *batch, parallelism);
  }
  TwoInputHarness& End(int input) {
    this->driver_->EndInput(input);
    return *this;
  }
  static OperatorUnderTest Typed(OperatorUnderTest under_test) {
    under_test.inputs = {&BatchTypeOf<A>(), &BatchTypeOf<B>()};
    under_test.output = &BatchTypeOf<Out>();
    return under_test;
  }
};

}  // namespace weir
