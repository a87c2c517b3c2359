#include "weir/testing/operator_driver.h"

#include <algorithm>
#include <utility>

#include "weir/metrics/metric_registry.h"
#include "weir/runtime/operators/operator_state.h"
#include "weir/runtime/task/user_code.h"
#include "weir/state/state_backend.h"
#include "weir/types/key_group.h"

namespace weir {

class OperatorDriver::KeyedState final : public KeyedRowsFactory {
 public:
  explicit KeyedState(const HarnessOptions& options) : options_(options) {}

  StatusOr<std::unique_ptr<KeyedRows>> Create(const std::vector<StateDeclaration>& states, KeyForm key_form) override {
    WEIR_ASSIGN_OR_RETURN(std::unique_ptr<StateBackend> backend, NewStateBackend(options_.state_backend));
    return backend->CreateKeyedRows(
        {.states = states,
         .key_form = key_form,
         .key_groups = KeyGroupRangeOf(options_.subtask_index, options_.parallelism, options_.max_parallelism),
         .max_parallelism = options_.max_parallelism});
  }

 private:
  const HarnessOptions options_;
};

struct OperatorDriver::Metrics {
  MetricRegistry registry;
  MetricGroup group{registry, MetricScope{.identifier = "test", .logical = "test", .variables = {}}};
};

OperatorDriver::OperatorDriver(OperatorUnderTest under_test, HarnessOptions options)
    : under_test_(std::move(under_test)),
      options_(std::move(options)),
      clock_(options_.start),
      metrics_(std::make_unique<Metrics>()),
      keyed_state_(std::make_unique<KeyedState>(options_)) {
  for (const BatchType* type : under_test_.inputs) pools_.emplace_back(type);
  if (!under_test_.inputs.empty()) marks_ = BatchPoolHandle(under_test_.inputs.front());
  if (under_test_.output != nullptr) {
    outputs_.push_back(std::make_unique<RecordingOutput>(under_test_.output, options_.output_batch_rows, &memory_));
  }
  for (const SideOutput& side : under_test_.side_outputs) {
    outputs_.push_back(std::make_unique<RecordingOutput>(side.type, options_.output_batch_rows, &memory_));
  }
  runtime_ = std::make_unique<RuntimeContext>(RuntimeContext::Values{.job_id = std::string(32, '0'),
                                                                     .job_name = "test",
                                                                     .operator_name = under_test_.name,
                                                                     .subtask_index = options_.subtask_index,
                                                                     .parallelism = options_.parallelism,
                                                                     .max_parallelism = options_.max_parallelism,
                                                                     .attempt_number = 0,
                                                                     .file_system = &file_system_,
                                                                     .clock = &clock_,
                                                                     .metrics = &metrics_->group,
                                                                     .accumulators = &accumulators_,
                                                                     .ship_directory = {}});
  Open();
}

MetricGroup& OperatorDriver::metrics() { return metrics_->group; }

OperatorDriver::~OperatorDriver() {
  Close(!status_.ok());
  for (const Waiting& waiting : waiting_) {
    if (waiting.batch != nullptr) Recycle(waiting.batch);
  }
}

template <class Call>
void OperatorDriver::Guarded(Call&& call) {
  if (status_.ok()) status_ = GuardUserCode(under_test_.name, call);
}

void OperatorDriver::Open() {
  Guarded([this] {
    operator_.reset(under_test_.make());
    OperatorContext context;
    context.runtime = runtime_.get();
    context.keyed_state = keyed_state_.get();
    for (const auto& output : outputs_) context.outputs.push_back(output.get());
    for (const SideOutput& side : under_test_.side_outputs) context.side_outputs.push_back(side.tag);
    context.clock = &clock_;
    context.mailbox = &mailbox_;
    context.waker = &waker_;
    return operator_->Open(context);
  });
}

BatchBase* OperatorDriver::NewBatch(int input) {
  BatchBase* const batch = pools_[input]->Get();
  if (batch->type->has_views) memory_.GiveTo(*batch);
  return batch;
}

KeyHasher* OperatorDriver::HasherOf(int input) const {
  const size_t number = static_cast<size_t>(input);
  return number < under_test_.hashers.size() ? under_test_.hashers[number].get() : nullptr;
}

int OperatorDriver::SubtaskOf(int input, BatchBase& batch, int parallelism) {
  KeyHasher* const hasher = HasherOf(input);
  if (hasher == nullptr) return 0;
  hasher->Hash(batch);
  return SubtaskForKeyGroup(KeyGroupForHash(batch.hashes[0], options_.max_parallelism), parallelism,
                            options_.max_parallelism);
}

void OperatorDriver::Process(int input, BatchBase* batch) {
  if (KeyHasher* const hasher = HasherOf(input); hasher != nullptr) {
    Guarded([&] {
      hasher->Hash(*batch);
      return OkStatus();
    });
  }
  Enqueue({.input = input, .batch = batch});
}

void OperatorDriver::Watermark(int input, EventTime watermark) {
  BatchBase* const batch = marks_->GetEmpty();
  batch->marks.push_back(Mark{0, watermark});
  Enqueue({.input = input, .batch = batch});
}

void OperatorDriver::EndInput(int input) {
  Watermark(input, kMaxWatermark);
  Enqueue({.input = input});
}

void OperatorDriver::Enqueue(Waiting waiting) {
  waiting_.push_back(waiting);
  Run();
}

void OperatorDriver::Run() {
  mailbox_.Run();
  if (status_.ok() && OutputsAvailable() && operator_->HasWork()) FinishWork();
  while (status_.ok() && !waiting_.empty() && OutputsAvailable() && !operator_->HasWork()) {
    const Waiting next = waiting_.front();
    waiting_.pop_front();
    Step(next);
  }
}

void OperatorDriver::Step(const Waiting& next) {
  const uint32_t rows = next.batch != nullptr && next.batch->owns_rows ? next.batch->size : 0;
  Guarded([&] {
    return next.batch != nullptr ? operator_->ProcessBatch(next.input, next.batch) : operator_->EndInput(next.input);
  });
  FinishWork();
  if (rows > 0) PoisonReturned(next.input, rows);
}

void OperatorDriver::FinishWork() {
  while (status_.ok() && operator_->HasWork() && !operator_->IsWaiting() && OutputsAvailable()) {
    Guarded([this] { return operator_->Resume(options_.resume_budget); });
  }
  Guarded([this] { return operator_->EndStep(); });
}

void OperatorDriver::PoisonReturned(int input, uint32_t rows) {
  // The batch that came home last is the first to be given out again; one that is still out is not touched.
  BatchBase* const batch = pools_[input]->Get();
  PoisonedMemory::PoisonRows(*batch, std::min(rows, batch->capacity));
  Recycle(batch);
}

void OperatorDriver::ProcessingTime(EventTime now) {
  const EventTime ahead = now - clock_.WallMillis();
  if (ahead > 0) clock_.Advance(std::chrono::milliseconds(ahead));
  if (!status_.ok()) return;
  const EventTime due = operator_->NextProcessingTime();
  if (due == kNoEventTime || due > clock_.WallMillis()) return;
  Guarded([this] { return operator_->OnProcessingTime(clock_.WallMillis()); });
  FinishWork();
}

StatusOr<std::string> OperatorDriver::Snapshot() {
  OperatorStateWriter writer;
  Guarded([&] { return operator_->Snapshot(writer); });
  if (!status_.ok()) return status_;
  return writer.Take();
}

StatusOr<OperatorStateParts> OperatorDriver::BeginSnapshot() {
  OperatorStateWriter writer(/*checkpoint_id=*/0, /*may_run_on=*/true);
  Guarded([&] { return operator_->Snapshot(writer); });
  if (!status_.ok()) return status_;
  return writer.TakeParts();
}

void OperatorDriver::RestoreParts(OperatorStateParts parts) {
  Close(false);
  Open();
  OperatorStateReader reader(std::move(parts));
  Guarded([&] { return operator_->Restore(reader); });
}

void OperatorDriver::Restore(const std::vector<std::string>& written) {
  Close(false);
  Open();
  for (const std::string& bytes : written) {
    Guarded([&]() -> Status {
      WEIR_ASSIGN_OR_RETURN(OperatorStateReader reader, OperatorStateReader::Of(bytes));
      return operator_->Restore(reader);
    });
  }
}

void OperatorDriver::Close(bool failed) {
  if (operator_ == nullptr) return;
  Status closed = GuardUserCode(under_test_.name, [&] { return operator_->Close(failed); });
  status_.Update(std::move(closed));
  operator_.reset();
}

bool OperatorDriver::OutputsAvailable() const {
  return std::all_of(outputs_.begin(), outputs_.end(), [](const auto& output) { return output->IsAvailable(); });
}

int OperatorDriver::OutputNumber(const std::string& tag) const {
  for (size_t i = 0; i < under_test_.side_outputs.size(); ++i) {
    if (under_test_.side_outputs[i].tag == tag) return static_cast<int>(i) + (under_test_.output != nullptr ? 1 : 0);
  }
  return -1;
}

void OperatorDriver::SetOutputLimit(size_t batches) {
  for (const auto& output : outputs_) output->SetLimit(batches);
}

}  // namespace weir
