#include "weir/testing/task_harness.h"

#include <utility>

namespace weir {

namespace {

std::vector<std::shared_ptr<LocalChannel>> NewChannels(int count) {
  std::vector<std::shared_ptr<LocalChannel>> channels;
  for (int i = 0; i < count; ++i) channels.push_back(std::make_shared<LocalChannel>());
  return channels;
}

}  // namespace

TaskHarness::TaskHarness(TaskHarnessOptions options) {
  RuntimeContext::Values values;
  values.job_name = "test";
  values.operator_name = "task";
  values.clock = &clock_;
  values.accumulators = &accumulators_;
  runtime_ = std::make_unique<RuntimeContext>(std::move(values));

  StreamTaskOptions task;
  task.name = "task (1/1)";
  task.is_source = options.is_source;
  task.has_checkpoints = options.has_checkpoints;
  task.alignment = options.alignment;
  task.overtakes = options.overtakes;
  task.aligned_timeout = options.aligned_timeout;
  if (options.restore_channels) task.restore_channels = std::move(options.restore_channels);
  for (const TaskHarnessOptions::Input& input : options.inputs) {
    inputs_.push_back(NewChannels(input.channels));
    task.gates.push_back(std::make_unique<InputGate>(input.type, inputs_.back(), &executor_));
    std::vector<InputGate::ChannelFacts> facts;
    for (int channel = 0; channel < input.channels; ++channel)
      facts.push_back(
          {.edge = static_cast<int32_t>(inputs_.size()) - 1, .index = channel, .may_overtake = input.may_overtake});
    task.gates.back()->Describe(std::move(facts));
  }
  std::vector<PartitionWriter*> writers;
  for (const TaskHarnessOptions::Output& output : options.outputs) {
    outputs_.push_back(NewChannels(output.channels));
    PartitionWriterOptions writer;
    writer.kind = output.partitioner;
    writer.type = output.type;
    writer.channels = outputs_.back();
    writer.self = &executor_;
    task.writers.push_back(PartitionWriter::New(std::move(writer)));
    writers.push_back(task.writers.back().get());
  }
  task.chain = std::make_unique<OperatorChain>(std::move(options.operators), std::move(writers));
  task.context_of = [this, has_checkpoints = options.has_checkpoints](size_t) {
    OperatorContext context;
    context.has_checkpoints = has_checkpoints;
    context.runtime = runtime_.get();
    context.clock = &clock_;
    context.waker = &executor_;
    return context;
  };
  task.clock = &clock_;
  task.executor = &executor_;
  task.observer = this;
  task_ = std::make_unique<StreamTask>(std::move(task));
}

TaskHarness::~TaskHarness() = default;

StepResult TaskHarness::RunUntilIdle() {
  StepResult result = StepResult::kProgress;
  while (result == StepResult::kProgress) result = task_->Step();
  return result;
}

void TaskHarness::OnState(ExecutionState state, const Status& error) {
  states_.push_back(state);
  error_ = error;
}

}  // namespace weir
