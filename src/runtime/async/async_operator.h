// AsyncMap: a request per record, whose results leave when its answer has come.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "weir/functions/async/async_function.h"
#include "weir/functions/async/async_options.h"
#include "weir/functions/collector.h"
#include "weir/functions/state/operator_state.h"
#include "weir/runtime/async/emission_order.h"
#include "weir/runtime/async/request_table.h"
#include "weir/runtime/operators/batch_in_progress.h"
#include "weir/runtime/operators/operator.h"
#include "weir/runtime/operators/user_function.h"
#include "weir/types/serializer.h"

namespace weir {

// The requests under way as state: each record with its time, kNoEventTime if it has none. The plan declares it, so that a type that has changed is found before
// anything starts; the operator writes and reads it in place of the handle, which stays empty.
template <class T>
struct AsyncRequests : StatefulFunction {
  OperatorListState<std::pair<EventTime, T>> requests{this, "requests"};
};

// All that does not depend on the types of records. Slots are those of the table.
//
// Threads: the task's; answers come through inbox_.
class AsyncOperatorBase : public Operator {
 public:
  ~AsyncOperatorBase() override;

  Status ProcessBatch(int input, BatchBase* batch) final;
  Status EndInput(int) final;
  bool HasWork() const final;
  bool IsWaiting() const final;
  Status Resume(uint32_t budget) final { return Run(budget); }
  EventTime NextProcessingTime() const final { return requests_.NextTime(); }
  Status OnProcessingTime(EventTime now) final;
  bool IsIdle(bool inputs_are_idle) const final { return inputs_are_idle && order_.empty() && !HasWork(); }
  Status Snapshot(OperatorStateWriter& writer) final;
  Status Restore(OperatorStateReader& reader) final;

 protected:
  explicit AsyncOperatorBase(const AsyncSettings& settings);

  void OpenInbox(const OperatorContext& context);
  // From here on answers are dropped.
  void CloseInbox();

  // Of AsyncRequests.
  virtual const OperatorStateHandle& RequestState() const = 0;
  // Copies what the slot needs of entry `entry` of the batch, or from a snapshot.
  virtual void KeepRequest(uint32_t slot, BatchBase& batch, uint32_t row) = 0;
  virtual Status DecodeRequest(uint32_t slot, std::string_view bytes) = 0;
  virtual std::string EncodeRequest(uint32_t slot) const = 0;
  virtual std::string EncodeRow(BatchBase& batch, uint32_t row) const = 0;
  virtual void Invoke(uint32_t slot, std::shared_ptr<internal::AsyncCall> call) = 0;
  // False: the function has no Timeout.
  virtual bool InvokeTimeout(uint32_t slot, std::shared_ptr<internal::AsyncCall> call) = 0;
  virtual void KeepResults(uint32_t slot, internal::AsyncAnswer& answer) = 0;
  // What the results' predicate is asked about.
  virtual const void* Results(uint32_t slot) const = 0;
  // How many records that was; nothing of the request is kept.
  virtual uint32_t EmitResults(uint32_t slot) = 0;
  virtual void EmitWatermark(EventTime watermark) = 0;

  const AsyncSettings settings_;

 private:
  // Answers in, results out, requests out, until nothing goes any more or about `budget` results have left.
  Status Run(uint32_t budget);
  Status TakeAnswers();
  Status OnAnswer(internal::AsyncAnswer& answer);
  Status OnError(uint32_t slot, const Status& error);
  void Complete(uint32_t slot);
  bool RetryIsLeft(uint32_t slot) const;
  void RetryLater(uint32_t slot);
  Status TimeOut(uint32_t slot);
  // Lets leave what may; `budget` shrinks. True if anything left.
  bool Emit(uint32_t& budget);
  // Makes requests while there are slots. True if anything was taken.
  StatusOr<bool> TakeInput();
  bool HasInput() const { return !restored_.empty() || progress_.active(); }
  void TakeEntry(uint32_t entry);
  void Call(uint32_t slot);
  std::shared_ptr<internal::AsyncCall> NewCall(uint32_t slot) {
    return std::make_shared<internal::AsyncCall>(inbox_, requests_.CallOf(slot));
  }

  const Clock* clock_ = nullptr;
  std::shared_ptr<internal::AnswerInbox> inbox_;  // shared with calls, which may outlive the operator
  RequestTable requests_;
  EmissionOrder order_;
  BatchInProgress progress_;
  std::deque<std::string> restored_;  // requests of a snapshot that have not been made again yet
  bool has_ended_ = false;
};

// F: an AsyncFunction<T, Out>.
template <class T, class Out, class F>
class AsyncOperator final : public AsyncOperatorBase {
 public:
  template <class Make>
  AsyncOperator(const AsyncSettings& settings, const Make& make)
      : AsyncOperatorBase(settings), function_(make()), slots_(static_cast<size_t>(settings.capacity)) {}

  Status Open(const OperatorContext& context) override {
    out_.Bind(context.outputs.front(), false, false);
    OpenInbox(context);
    return OpenFunction(function_, *context.runtime);
  }
  Status EndStep() override {
    out_.Flush();
    return OkStatus();
  }
  Status NotifyCheckpointComplete(int64_t id) override {
    if constexpr (requires { function_.NotifyCheckpointComplete(id); }) function_.NotifyCheckpointComplete(id);
    return OkStatus();
  }
  Status NotifyCheckpointAborted(int64_t id) override {
    if constexpr (requires { function_.NotifyCheckpointAborted(id); }) function_.NotifyCheckpointAborted(id);
    return OkStatus();
  }
  Status Close(bool) override {
    CloseInbox();
    return CloseFunction(function_);
  }

 private:
  static constexpr bool kHasTimeout =
      requires(F& function, const T& request, ResultFuture<Out> result) { function.Timeout(request, result); };
  struct Slot {
    T request{};
    EventTime time = kNoEventTime;
    std::vector<Out> results;
  };

  // As an element of AsyncRequests.
  static std::string Encode(const T& request, EventTime time) {
    ByteWriter out;
    out.PutI64(time);
    Serializer<T>::Write(request, out);
    return std::move(out).Take();
  }
  static EventTime TimeOf(const BatchBase& batch, uint32_t row) {
    return batch.has_times ? batch.times[row] : kNoEventTime;
  }

  const OperatorStateHandle& RequestState() const override { return declared_.requests; }
  void KeepRequest(uint32_t slot, BatchBase& batch, uint32_t row) override {
    slots_[slot].request = AsBatch<T>(batch).data()[row];
    slots_[slot].time = TimeOf(batch, row);
  }
  Status DecodeRequest(uint32_t slot, std::string_view bytes) override {
    ByteReader in(bytes, "request under way");
    slots_[slot].time = in.GetI64();
    Serializer<T>::Read(in, slots_[slot].request);
    return in.Finish();
  }
  std::string EncodeRequest(uint32_t slot) const override { return Encode(slots_[slot].request, slots_[slot].time); }
  std::string EncodeRow(BatchBase& batch, uint32_t row) const override {
    return Encode(AsBatch<T>(batch).data()[row], TimeOf(batch, row));
  }
  void Invoke(uint32_t slot, std::shared_ptr<internal::AsyncCall> call) override {
    function_.AsyncInvoke(std::as_const(slots_[slot].request), ResultFuture<Out>(std::move(call)));
  }
  bool InvokeTimeout(uint32_t slot, std::shared_ptr<internal::AsyncCall> call) override {
    if constexpr (kHasTimeout)
      function_.Timeout(std::as_const(slots_[slot].request), ResultFuture<Out>(std::move(call)));
    return kHasTimeout;
  }
  void KeepResults(uint32_t slot, internal::AsyncAnswer& answer) override {
    slots_[slot].results = std::move(static_cast<internal::TypedAsyncAnswer<Out>&>(answer).results);
  }
  const void* Results(uint32_t slot) const override { return &slots_[slot].results; }
  uint32_t EmitResults(uint32_t number) override {
    Slot& slot = slots_[number];
    const auto count = static_cast<uint32_t>(slot.results.size());
    for (Out& result : slot.results) {
      if (slot.time == kNoEventTime) {
        out_.Collect(std::move(result));
      } else {
        out_.Collect(std::move(result), FromEventTime(slot.time));
      }
    }
    slot.results.clear();
    if constexpr (!std::is_trivially_destructible_v<T>) slot.request = T{};  // its memory goes with it
    return count;
  }
  void EmitWatermark(EventTime watermark) override { out_.AddMark(watermark); }

  F function_;
  const AsyncRequests<T> declared_;
  std::vector<Slot> slots_;
  Collector<Out> out_;
};

}  // namespace weir
