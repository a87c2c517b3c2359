#include "weir/runtime/worker/worker_metrics.h"

#include "weir/base/file/process.h"
#include "weir/config/configuration.h"
#include "weir/runtime/task/stream_task.h"

namespace weir {
namespace {

constexpr double kNanosPerMilli = 1e6;

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

void AddShuffle(MetricGroup& group, const TaskNumbers& numbers) {
  MetricGroup& shuffle = group.GetGroup("Shuffle").GetGroup("Netty");
  shuffle.GetGroup("Input").GetGroup("Buffers").AddGauge(
      "inputQueueLength", [&numbers] { return numbers.queued_batches.Value().integer(); });
  shuffle.GetGroup("Output").GetGroup("Buffers").AddGauge(
      "fullChannels", [&numbers] { return numbers.full_outputs.Value().integer(); });
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

std::unique_ptr<MetricGroup> WorkerMetrics::TaskGroup(const TaskDeploymentDescriptor& deployment,
                                                      const JobVertex& vertex, const StreamTask& task) {
  auto group = std::make_unique<MetricGroup>(registry_, TaskScope(deployment, vertex));
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
  AddShuffle(*group, numbers);
  group->AddHistogram("batchRows", numbers.batch_rows);
  group->AddHistogram("snapshotPauseNanos", numbers.snapshot_pause_nanos);
  return group;
}

}  // namespace weir
