#include "weir/runtime/async/async_operator.h"

#include <algorithm>
#include <utility>

#include "weir/base/clock.h"
#include "weir/runtime/operators/operator_state.h"
#include "weir/state/snapshot/state_converter.h"
#include "weir/types/schema/schema.h"

namespace weir {

namespace {

// Results that one batch lets leave before it is left to Resume.
constexpr uint32_t kResultsPerBatch = 1024;

}  // namespace

AsyncOperatorBase::AsyncOperatorBase(const AsyncSettings& settings)
    : settings_(settings),
      requests_(static_cast<uint32_t>(settings.capacity), settings.timeout.count()),
      order_(settings.ordered, static_cast<uint32_t>(settings.capacity)) {}

AsyncOperatorBase::~AsyncOperatorBase() { CloseInbox(); }

void AsyncOperatorBase::OpenInbox(const OperatorContext& context) {
  clock_ = context.clock;
  // The letter itself has nothing to do: the chain looks at HasWork after it.
  inbox_ = std::make_shared<internal::AnswerInbox>([mailbox = context.mailbox] { mailbox->Post([] {}); });
}

void AsyncOperatorBase::CloseInbox() {
  if (inbox_ != nullptr) inbox_->Close();
}

Status AsyncOperatorBase::ProcessBatch(int, BatchBase* batch) {
  progress_.Begin(0, batch);
  return Run(kResultsPerBatch);
}

Status AsyncOperatorBase::EndInput(int) {
  has_ended_ = true;
  return OkStatus();
}

bool AsyncOperatorBase::HasWork() const {
  return HasInput() || inbox_->HasAnswers() || order_.Peek().kind != EmissionOrder::Kind::kNothing ||
         (has_ended_ && !order_.empty());
}

bool AsyncOperatorBase::IsWaiting() const {
  const bool can_take = HasInput() && !requests_.IsFull();
  return !can_take && !inbox_->HasAnswers() && order_.Peek().kind == EmissionOrder::Kind::kNothing;
}

Status AsyncOperatorBase::Run(uint32_t budget) {
  for (bool goes_on = true; goes_on && budget > 0;) {
    WEIR_RETURN_IF_ERROR(TakeAnswers());
    goes_on = Emit(budget);
    WEIR_ASSIGN_OR_RETURN(const bool has_taken, TakeInput());
    goes_on = goes_on || has_taken || inbox_->HasAnswers();
  }
  return OkStatus();
}

Status AsyncOperatorBase::TakeAnswers() {
  if (!inbox_->HasAnswers()) return OkStatus();
  for (const std::unique_ptr<internal::AsyncAnswer>& answer : inbox_->Take()) WEIR_RETURN_IF_ERROR(OnAnswer(*answer));
  return OkStatus();
}

Status AsyncOperatorBase::OnAnswer(internal::AsyncAnswer& answer) {
  const uint32_t slot = requests_.Find(answer.call());
  if (slot == RequestTable::kNone) return OkStatus();
  if (!answer.error().ok()) return OnError(slot, answer.error());
  KeepResults(slot, answer);
  const internal::AnswerPredicate* const if_result = settings_.retry.if_result();
  if (if_result != nullptr && RetryIsLeft(slot) && if_result->Holds(Results(slot))) {
    RetryLater(slot);
  } else {
    Complete(slot);
  }
  return OkStatus();
}

Status AsyncOperatorBase::OnError(uint32_t slot, const Status& error) {
  if (RetryIsLeft(slot) && settings_.retry.WantsRetry(error)) {
    RetryLater(slot);
    return OkStatus();
  }
  const int calls = requests_.retries(slot) + 1;
  return error.Annotate("a request failed" +
                        (calls > 1 ? " " + std::to_string(calls) + " times, at last with" : std::string()));
}

bool AsyncOperatorBase::RetryIsLeft(uint32_t slot) const {
  return !requests_.has_timed_out(slot) && settings_.retry.MayRetry(requests_.retries(slot));
}

void AsyncOperatorBase::RetryLater(uint32_t slot) {
  const Duration delay = settings_.retry.DelayBefore(requests_.retries(slot) + 1);
  requests_.RetryAt(slot, clock_->WallMillis() + delay.count());
}

void AsyncOperatorBase::Complete(uint32_t slot) {
  requests_.Complete(slot);
  order_.Complete(slot);
}

bool AsyncOperatorBase::Emit(uint32_t& budget) {
  bool has_emitted = false;
  while (budget > 0) {
    const EmissionOrder::Next next = order_.Peek();
    if (next.kind == EmissionOrder::Kind::kNothing) break;
    order_.Pop();
    has_emitted = true;
    if (next.kind == EmissionOrder::Kind::kWatermark) {
      EmitWatermark(next.watermark);
      continue;
    }
    budget -= std::min(budget, std::max(EmitResults(next.slot), 1u));
    requests_.Remove(next.slot);
  }
  return has_emitted;
}

StatusOr<bool> AsyncOperatorBase::TakeInput() {
  bool has_taken = false;
  for (; !restored_.empty() && !requests_.IsFull(); has_taken = true) {
    const uint32_t slot = requests_.Add(clock_->WallMillis());
    WEIR_RETURN_IF_ERROR(DecodeRequest(slot, restored_.front()));
    restored_.pop_front();
    Call(slot);
  }
  if (!restored_.empty()) return has_taken;
  while (progress_.active()) {
    for (const uint32_t end = progress_.EntriesBeforeMark(); progress_.next() < end; has_taken = true) {
      if (requests_.IsFull()) return has_taken;
      TakeEntry(progress_.next());
    }
    if (progress_.HasMark()) {
      order_.AddWatermark(progress_.TakeMark());
    } else {
      progress_.Finish();
    }
    has_taken = true;
  }
  return has_taken;
}

void AsyncOperatorBase::TakeEntry(uint32_t entry) {
  const uint32_t slot = requests_.Add(clock_->WallMillis());
  KeepRequest(slot, progress_.batch(), progress_.RowOf(entry));
  progress_.Advance(entry + 1);
  Call(slot);
}

void AsyncOperatorBase::Call(uint32_t slot) {
  order_.AddRequest(slot);
  Invoke(slot, NewCall(slot));
}

Status AsyncOperatorBase::OnProcessingTime(EventTime now) {
  // What has been answered by now is not late.
  WEIR_RETURN_IF_ERROR(TakeAnswers());
  for (uint32_t slot; (slot = requests_.TakeTimedOut(now)) != RequestTable::kNone;) WEIR_RETURN_IF_ERROR(TimeOut(slot));
  for (uint32_t slot; (slot = requests_.TakeDueRetry(now)) != RequestTable::kNone;) Invoke(slot, NewCall(slot));
  return OkStatus();
}

Status AsyncOperatorBase::TimeOut(uint32_t slot) {
  if (InvokeTimeout(slot, NewCall(slot))) return OkStatus();
  const int retries = requests_.retries(slot);
  return DeadlineExceededError("a request had no answer within " + std::to_string(settings_.timeout.count()) + " ms" +
                               (retries > 0 ? ", in which it was made " + std::to_string(retries + 1) + " times" : "") +
                               "; raise AsyncOptions::timeout, or give the function a method void Timeout(const In&, "
                               "weir::ResultFuture<Out>) that answers in the service's place");
}

Status AsyncOperatorBase::Snapshot(OperatorStateWriter& writer) {
  std::vector<std::string> requests;
  for (const uint32_t slot : requests_.InOrder()) requests.push_back(EncodeRequest(slot));
  requests.insert(requests.end(), restored_.begin(), restored_.end());
  if (progress_.active()) {
    for (uint32_t entry = progress_.next(); entry < progress_.batch().count(); ++entry)
      requests.push_back(EncodeRow(progress_.batch(), progress_.RowOf(entry)));
  }
  const OperatorStateHandle& state = RequestState();
  writer.AddElements(state.name(), state.redistribution(), std::move(requests), state.schema().Encode());
  return OkStatus();
}

Status AsyncOperatorBase::Restore(OperatorStateReader& reader) {
  const OperatorStateHandle& state = RequestState();
  const ListStateParts* const list = reader.FindList(state.name());
  if (list == nullptr) return OkStatus();
  WEIR_ASSIGN_OR_RETURN(std::vector<std::string> requests,
                        ConvertElements(*list, state.schema(), state.EncodeDefault()));
  for (std::string& request : requests) restored_.push_back(std::move(request));
  return OkStatus();
}

}  // namespace weir
