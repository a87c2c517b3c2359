#include "weir/runtime/worker/worker_metrics.h"

#include <algorithm>

#include "weir/base/clock.h"
#include "weir/base/file/process.h"
#include "weir/config/configuration.h"
#include "weir/runtime/task/stream_task.h"
#include "weir/runtime/time/event_time_lag.h"

namespace weir {
namespace {

constexpr double kNanosPerMilli = 1e6;
// Of one task; with more channels their sum must do, or there would be more numbers than anybody can read.
constexpr uint32_t kMostShownChannels = 32;

// "numRecordsIn" and "numRecordsInPerSecond".
void AddCounted(MetricGroup& group, const std::string& name, const Counter& counter) {
  group.AddGauge(name, [&counter] { return counter.Count(); });
  group.GetMeter(name + "PerSecond", counter);
}

void AddTimes(MetricGroup& group, const StreamTask& task) {
  struct Share {
    const char* name;
    const char* total;
    int64_t TaskStatistics::* nanos;
  };
  for (const Share& share :
       {Share{"busyTimeMsPerSecond", "accumulateBusyTimeMs", &TaskStatistics::busy_ns},
        Share{"idleTimeMsPerSecond", "accumulateIdleTimeMs", &TaskStatistics::idle_ns},
        Share{"backPressuredTimeMsPerSecond", "accumulateBackPressuredTimeMs", &TaskStatistics::backpressured_ns}}) {
    group.AddGauge(share.total, [&task, nanos = share.nanos] { return task.statistics().*nanos / 1'000'000; });
    group.AddRate(share.name, [&task, nanos = share.nanos] {
      return static_cast<double>(task.statistics().*nanos) / kNanosPerMilli;
    });
  }
  // A task looks at its outputs before it begins a step, and never stops in the middle of one: all its back-pressure is soft.
  group.AddRate("softBackPressuredTimeMsPerSecond",
                [&task] { return static_cast<double>(task.statistics().backpressured_ns) / kNanosPerMilli; });
  group.AddGauge("hardBackPressuredTimeMsPerSecond", [] { return 0; });
  group.AddGauge("isBackPressured", [&task] { return task.is_backpressured(); });
}

// Batches that wait in the channels of the outputs, of all that have room there. Any thread.
struct OutputFill {
  int64_t queued = 0;
  int64_t capacity = 0;
};
OutputFill FillOf(const StreamTask& task) {
  OutputFill fill;
  for (const auto& writer : task.writers()) {
    for (uint32_t channel = 0; channel < writer->channel_count(); ++channel) {
      fill.queued += writer->channel(channel).size();
      fill.capacity += LocalChannel::kCapacity;
    }
  }
  return fill;
}

// A queue may hold more than its capacity for a moment.
double ShareOf(int64_t queued, int64_t capacity) {
  return capacity == 0 ? 0 : std::min(1.0, static_cast<double>(queued) / static_cast<double>(capacity));
}

int64_t SumOverOutputs(const StreamTask& task, int64_t (LocalChannel::*number)() const) {
  int64_t sum = 0;
  for (const auto& writer : task.writers()) {
    for (uint32_t channel = 0; channel < writer->channel_count(); ++channel)
      sum += (writer->channel(channel).*number)();
  }
  return sum;
}

void AddCreditWaits(MetricGroup& output, const StreamTask& task) {
  uint32_t number = 0;
  uint32_t remote = 0;
  for (const auto& writer : task.writers()) {
    for (uint32_t channel = 0; channel < writer->channel_count(); ++channel, ++number) {
      const LocalChannel& queue = writer->channel(channel);
      // Between tasks of one process there is no credit.
      if (queue.form() != LocalChannel::Form::kBytes || ++remote > kMostShownChannels) continue;
      MetricGroup& shown = output.GetGroup("channel", std::to_string(number));
      shown.AddGauge("creditWaits", [&queue] { return queue.credit_waits(); });
      shown.AddGauge("creditWaitTimeMs", [&queue] { return queue.credit_wait_nanos() / 1'000'000; });
    }
  }
  if (remote == 0) return;
  output.AddGauge("creditWaits", [&task] { return SumOverOutputs(task, &LocalChannel::credit_waits); });
  output.AddRate("creditWaitTimeMsPerSecond", [&task] {
    return static_cast<double>(SumOverOutputs(task, &LocalChannel::credit_wait_nanos)) / kNanosPerMilli;
  });
}

void AddShuffle(MetricGroup& group, const StreamTask& task) {
  const TaskNumbers& numbers = task.numbers();
  MetricGroup& shuffle = group.GetGroup("Shuffle").GetGroup("Netty");
  MetricGroup& input = shuffle.GetGroup("Input");
  MetricGroup& output = shuffle.GetGroup("Output");
  if (const int64_t capacity = int64_t{task.input_channels()} * LocalChannel::kCapacity; capacity > 0) {
    MetricGroup& buffers = input.GetGroup("Buffers");
    buffers.AddGauge("inputQueueLength", [&numbers] { return numbers.queued_batches.Value().integer(); });
    buffers.AddGauge("inPoolUsage",
                     [&numbers, capacity] { return ShareOf(numbers.queued_batches.Value().integer(), capacity); });
    AddCounted(input, "numBytesInRemote", numbers.remote_bytes_in);
    AddCounted(input, "numBuffersInRemote", numbers.remote_batches_in);
    input.AddGauge("numBuffersInLocal",
                   [&numbers] { return numbers.batches_in.Count() - numbers.remote_batches_in.Count(); });
  }
  if (task.writers().empty()) return;
  MetricGroup& buffers = output.GetGroup("Buffers");
  buffers.AddGauge("fullChannels", [&numbers] { return numbers.full_outputs.Value().integer(); });
  buffers.AddGauge("outputQueueLength", [&task] { return FillOf(task).queued; });
  buffers.AddGauge("outPoolUsage", [&task] {
    const OutputFill fill = FillOf(task);
    return ShareOf(fill.queued, fill.capacity);
  });
  AddCounted(output, "numBytesOutRemote", numbers.remote_bytes_out);
  AddCounted(output, "numBuffersOutRemote", numbers.remote_batches_out);
  AddCreditWaits(output, task);
}

void AddCheckpointTimes(MetricGroup& group, const TaskNumbers& numbers) {
  group.AddGauge("checkpointAlignmentTime", [&numbers] { return numbers.alignment_nanos.Value().integer(); });
  group.AddGauge("checkpointStartDelayNanos", [&numbers] { return numbers.start_delay_nanos.Value().integer(); });
}

// Of Flink's FLIP-33; docs/user/monitoring.md says which of them there are none of.
void AddSource(MetricGroup& group, const StreamTask& task) {
  AddCounted(group, "numRecordsIn", task.numbers().records_in);
  group.AddGauge("numBytesIn", [&task] { return task.statistics().bytes_read; });
  group.AddGauge("watermarkLag",
                 [&task] { return EventTimeLag(SystemClock::Instance().WallMillis(), task.statistics().watermark); });
  group.AddGauge("sourceIdleTime", [&task] {
    const int64_t last = task.numbers().last_batch_nanos.Value().integer();
    return last == 0 ? 0 : std::max<int64_t>(0, SystemClock::Instance().MonotonicNanos() - last) / 1'000'000;
  });
}

}  // namespace

WorkerMetrics::WorkerMetrics(const Configuration& configuration, std::string_view worker, ShownProcess shown)
    : scopes_(configuration),
      process_(scopes_.TaskManager(shown == ShownProcess::kNone ? "localhost" : HostName(), worker)),
      process_group_(registry_, shown == ShownProcess::kWorker
                                    ? MetricScopes::Inside(process_, "worker", std::to_string(CurrentProcessId()))
                                    : process_) {
  if (shown != ShownProcess::kNone) process_metrics_ = std::make_unique<ProcessMetrics>(process_group_);
}

MetricSnapshot WorkerMetrics::Take(int64_t now_nanos) {
  if (process_metrics_ != nullptr) process_metrics_->Refresh(now_nanos);
  registry_.UpdateRates(now_nanos);
  return SnapshotOf(registry_);
}

MetricScope WorkerMetrics::TaskScope(const TaskDeploymentDescriptor& deployment, const JobVertex& vertex) const {
  const MetricScope job = scopes_.Job(process_, deployment.job_id.ToHex(), deployment.job_name);
  return scopes_.TaskOf(job, {.vertex_id = deployment.vertex_id.ToHex(),
                              .name = vertex.name,
                              .attempt_id = deployment.attempt_id.ToHex(),
                              .attempt_number = deployment.attempt_number,
                              .subtask_index = deployment.subtask_index});
}

std::vector<std::unique_ptr<MetricGroup>> WorkerMetrics::OperatorGroups(const TaskDeploymentDescriptor& deployment,
                                                                        const JobVertex& vertex) {
  const MetricScope task = TaskScope(deployment, vertex);
  std::vector<std::unique_ptr<MetricGroup>> groups;
  for (const JobOperator& job_operator : vertex.operators) {
    groups.push_back(
        std::make_unique<MetricGroup>(registry_, scopes_.OperatorOf(task, job_operator.id.ToHex(), job_operator.name)));
  }
  return groups;
}

void WorkerMetrics::AddOperator(MetricGroup& group, const JobVertex& vertex, size_t index, const OperatorChain& chain) {
  const OperatorNumbers& numbers = chain.numbers(index);
  const bool is_source = index == 0 && vertex.is_source();
  if (!is_source) {
    AddCounted(group, "numRecordsIn", numbers.records_in);
    group.AddGauge("currentInputWatermark", [&numbers] { return numbers.input_watermark.Value().integer(); });
  }
  group.AddRate("selfTimeMsPerSecond",
                [&numbers] { return static_cast<double>(numbers.self_nanos.Count()) / kNanosPerMilli; });
  AddCounted(group, "numRecordsOut", numbers.records_out);
  group.AddGauge("currentOutputWatermark", [&numbers] { return numbers.output_watermark.Value().integer(); });
  // A sink sends what it gets.
  if (vertex.operators[index].code.output == nullptr) AddCounted(group, "numRecordsSend", numbers.records_in);
}

std::vector<std::unique_ptr<MetricGroup>> WorkerMetrics::TaskGroups(const TaskDeploymentDescriptor& deployment,
                                                                    const JobVertex& vertex, const StreamTask& task) {
  const MetricScope scope = TaskScope(deployment, vertex);
  std::vector<std::unique_ptr<MetricGroup>> groups;
  groups.push_back(std::make_unique<MetricGroup>(registry_, scope));
  MetricGroup* const group = groups.back().get();
  const TaskNumbers& numbers = task.numbers();
  if (vertex.is_source()) {
    // What a source reads comes from no task.
    group->AddGauge("numRecordsIn", [] { return 0; });
    group->AddGauge("sourceBytesRead", [&task] { return task.statistics().bytes_read; });
    group->AddGauge("currentOutputWatermark", [&task] { return task.statistics().watermark; });
  } else {
    AddCounted(*group, "numRecordsIn", numbers.records_in);
    group->AddGauge("currentInputWatermark", [&task] { return task.statistics().watermark; });
  }
  AddCounted(*group, "numRecordsOut", numbers.records_out);
  AddCounted(*group, "numBytesIn", numbers.bytes_in);
  AddCounted(*group, "numBytesOut", numbers.bytes_out);
  AddCounted(*group, "numBuffersIn", numbers.batches_in);
  AddCounted(*group, "numBuffersOut", numbers.batches_out);
  AddTimes(*group, task);
  AddShuffle(*group, task);
  AddCheckpointTimes(*group, numbers);
  group->AddHistogram("batchRows", numbers.batch_rows);
  group->AddHistogram("snapshotPauseNanos", numbers.snapshot_pause_nanos);
  if (vertex.is_source()) {
    const JobOperator& source = vertex.operators.front();
    groups.push_back(
        std::make_unique<MetricGroup>(registry_, scopes_.OperatorOf(scope, source.id.ToHex(), source.name)));
    AddSource(*groups.back(), task);
  }
  return groups;
}

}  // namespace weir
