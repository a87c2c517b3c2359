#include "weir/runtime/worker/task_builder.h"

#include <algorithm>
#include <utility>

#include "weir/base/logging.h"
#include "weir/config/checkpoint_options.h"
#include "weir/config/configuration.h"
#include "weir/config/pipeline_options.h"
#include "weir/metrics/metric_options.h"
#include "weir/runtime/operators/source_operator.h"
#include "weir/runtime/task/user_code.h"
#include "weir/runtime/worker/in_flight_data.h"
#include "weir/runtime/worker/observed_state.h"
#include "weir/runtime/worker/task_snapshot.h"
#include "weir/runtime/worker/worker_channels.h"
#include "weir/runtime/worker/worker_metrics.h"
#include "weir/state/state_backend.h"
#include "weir/state/storage/local_copies.h"
#include "weir/state/storage/operator_state_files.h"

namespace weir {

namespace {

// Opens keyed state for one operator of a task, restricted to the task's key groups, and shows what it holds.
class OperatorKeyedState final : public KeyedRowsFactory {
 public:
  OperatorKeyedState(StateBackend& backend, const TaskDeploymentDescriptor& task, MetricGroup& metrics)
      : backend_(backend),
        range_(KeyGroupRangeOf(task.subtask_index, task.parallelism, task.max_parallelism)),
        max_parallelism_(task.max_parallelism),
        observed_(metrics, backend) {}

  StatusOr<std::unique_ptr<KeyedRows>> Create(const std::vector<StateDeclaration>& states, KeyForm key_form) override {
    WEIR_ASSIGN_OR_RETURN(
        std::unique_ptr<KeyedRows> rows,
        backend_.CreateKeyedRows(
            {.states = states, .key_form = key_form, .key_groups = range_, .max_parallelism = max_parallelism_}));
    observed_.Add(*rows, /*is_beside=*/false);
    return rows;
  }
  void Observe(KeyedRows& rows) override { observed_.Add(rows, /*is_beside=*/true); }
  Status Publish() { return observed_.Publish(); }
  // Before the first rows: no key is looked at.
  void StopCounting() { observed_.StopCounting(); }

 private:
  StateBackend& backend_;
  const KeyGroupRange range_;
  const int max_parallelism_;
  ObservedState observed_;
};

// What only the thread of a source may look at: which split holds its watermark back, and what is left to read.
class SourceMetrics {
 public:
  explicit SourceMetrics(MetricGroup& group)
      : split_(group.GetGauge("slowestSplit")),
        watermark_(group.GetGauge("slowestSplitWatermark")),
        furthest_(group.GetGauge("furthestSplitWatermark")),
        silent_(group.GetGauge("slowestSplitSilentMs")),
        emit_lag_(group.GetGauge("currentEmitEventTimeLag")),
        bad_(group.GetGauge("numRecordsInErrors")),
        group_(group) {
    split_.Set(-1);
    emit_lag_.Set(-1);
  }

  void Publish(const SourceOperator& source) {
    const EventTimeline::Slowest slowest = source.SlowestSplit();
    emit_lag_.Set(source.emit_lag());
    const SourceProgress progress = source.progress();
    bad_.Set(progress.bad_records);
    // Only of sources that know how much there is.
    if (progress.bytes_total >= 0) group_.GetGauge("pendingBytes").Set(progress.bytes_total - progress.bytes_read);
    split_.Set(slowest.is_known ? static_cast<int64_t>(slowest.split) : -1);
    watermark_.Set(slowest.watermark);
    furthest_.Set(slowest.furthest);
    silent_.Set(slowest.silent_ms);
  }

 private:
  NumberGauge& split_;  // -1: none
  NumberGauge& watermark_;
  NumberGauge& furthest_;
  NumberGauge& silent_;
  NumberGauge& emit_lag_;
  NumberGauge& bad_;
  MetricGroup& group_;
};

// The job's own settings; the client has checked them, but they have travelled since.
struct TaskSettings {
  Duration watermark_interval{0};
  bool has_checkpoints = false;
  AlignmentMode alignment = AlignmentMode::kExactlyOnce;
  bool overtakes = false;
  Duration aligned_timeout{0};
  bool counts = true;
};

StatusOr<TaskSettings> SettingsOf(const JobGraph& graph) {
  Configuration job;
  for (const auto& [key, value] : graph.configuration) job.SetText(key, value, "the job");
  TaskSettings settings;
  WEIR_ASSIGN_OR_RETURN(settings.watermark_interval, job.TryGet(kAutoWatermarkInterval));
  settings.has_checkpoints = job.Find(kCheckpointInterval).value_or(Duration(0)) > Duration(0);
  WEIR_ASSIGN_OR_RETURN(const CheckpointingMode mode, job.TryGet(kCheckpointingMode));
  if (mode == CheckpointingMode::kAtLeastOnce) settings.alignment = AlignmentMode::kAtLeastOnce;
  WEIR_ASSIGN_OR_RETURN(settings.overtakes, job.TryGet(kUnalignedCheckpoints));
  settings.overtakes &= settings.has_checkpoints && mode == CheckpointingMode::kExactlyOnce;
  WEIR_ASSIGN_OR_RETURN(settings.aligned_timeout, job.TryGet(kAlignedCheckpointTimeout));
  WEIR_ASSIGN_OR_RETURN(settings.counts, job.TryGet(kMetricsEnabled));
  return settings;
}

// Files of the state that have an intact copy on this machine are read there.
void UseCopies(const TaskEnvironment& environment, TaskDeploymentDescriptor& task) {
  if (environment.copies == nullptr) return;
  int used = 0;
  for (OperatorSubtaskState& state : task.restored_state) used += environment.copies->Use(state);
  WEIR_LOG(kInfo, "subtask {} of vertex {} is restored from checkpoint {} with {} local copies", task.subtask_index,
           task.vertex_id.ToHex(), task.restored_checkpoint.ToString(), used);
}

class TaskBuilder {
 public:
  TaskBuilder(const TaskDeploymentDescriptor& deployment, const JobGraph& graph, const TaskEnvironment& environment)
      : deployment_(deployment), graph_(graph), environment_(environment) {}

  StatusOr<BuiltTask> Build();

 private:
  // Everything that the contexts of the chain's operators point to.
  struct Contexts {
    std::vector<std::unique_ptr<MetricGroup>> metrics;
    std::vector<std::unique_ptr<RuntimeContext>> runtime;
    std::vector<std::vector<std::string>> side_outputs;
    std::vector<std::unique_ptr<OperatorKeyedState>> keyed_state;
    std::unique_ptr<SourceMetrics> splits;  // of a source
    std::shared_ptr<Accumulators> accumulators;
  };

  StatusOr<std::vector<ChainedOperator>> BuildOperators();
  StatusOr<std::unique_ptr<Operator>> MakeOperator(const JobOperator& job_operator);
  StatusOr<std::vector<std::unique_ptr<InputGate>>> BuildGates();
  StatusOr<std::vector<std::unique_ptr<PartitionWriter>>> BuildWriters();
  int InputsOf(size_t index) const;
  std::shared_ptr<Contexts> BuildContexts(const TaskSettings& settings);
  static void Apply(const TaskSettings& settings, const Contexts& contexts, StreamTaskOptions& options);
  void Restore(StreamTaskOptions& options) const;
  // Reads on the task's thread, from time to time, what metrics show.
  std::function<Status()> PublisherOf(const std::shared_ptr<Contexts>& contexts, OperatorChain& chain) const;
  std::string TaskName() const {
    return vertex_->name + " (" + std::to_string(deployment_.subtask_index + 1) + "/" +
           std::to_string(deployment_.parallelism) + ")";
  }

  const TaskDeploymentDescriptor& deployment_;
  const JobGraph& graph_;
  const TaskEnvironment& environment_;
  const JobVertex* vertex_ = nullptr;
};

StatusOr<std::unique_ptr<Operator>> TaskBuilder::MakeOperator(const JobOperator& job_operator) {
  if (job_operator.code.factory == nullptr) {
    return FailedPreconditionError(
        "operator \"" + job_operator.name +
        "\" has no code in this process: the graph was not built by the program that runs it");
  }
  std::unique_ptr<Operator> made;
  WEIR_RETURN_IF_ERROR(GuardUserCode(job_operator.name, [&] {
    made.reset(job_operator.code.factory->Make());
    return OkStatus();
  }));
  return made;
}

int TaskBuilder::InputsOf(size_t index) const {
  return std::max<int>(1, static_cast<int>(vertex_->operators[index].code.inputs.size()));
}

StatusOr<std::vector<ChainedOperator>> TaskBuilder::BuildOperators() {
  std::vector<ChainedOperator> chained(vertex_->operators.size());
  for (size_t i = 0; i < chained.size(); ++i) {
    const JobOperator& job_operator = vertex_->operators[i];
    WEIR_ASSIGN_OR_RETURN(chained[i].op, MakeOperator(job_operator));
    chained[i].name = job_operator.name;
    chained[i].inputs = InputsOf(i);
    // A sink has no output; what numbers its links does not matter.
    if (job_operator.code.output != nullptr) chained[i].output_types.push_back(job_operator.code.output);
    for (const SideOutput& side : job_operator.code.side_outputs) chained[i].output_types.push_back(side.type);
  }
  for (const ChainEdge& edge : vertex_->chain) {
    chained[edge.source_operator].links.push_back({.output = edge.source_output, .target = edge.target_operator});
  }
  for (size_t result = 0; result < vertex_->outputs.size(); ++result) {
    const JobEdge& edge = graph_.edges[vertex_->outputs[result]];
    chained[edge.source_operator].links.push_back({.output = edge.source_output, .writer = static_cast<int>(result)});
  }
  return chained;
}

StatusOr<std::vector<std::unique_ptr<InputGate>>> TaskBuilder::BuildGates() {
  std::vector<std::unique_ptr<InputGate>> gates;
  if (vertex_->is_source()) return gates;
  // The edges of a union feed one logical input.
  const int inputs = InputsOf(0);
  for (int input = 0; input < inputs; ++input) {
    std::vector<std::shared_ptr<LocalChannel>> channels;
    std::vector<InputGate::ChannelFacts> facts;
    std::shared_ptr<GateCredit> credit;  // what the channels from other workers share
    for (const InputGateDeployment& deployed : deployment_.inputs) {
      const JobEdge& edge = graph_.edges[vertex_->inputs[deployed.edge]];
      if (edge.target_input != input) continue;
      for (size_t i = 0; i < deployed.channels.size(); ++i) {
        WEIR_ASSIGN_OR_RETURN(channels.emplace_back(),
                              environment_.channels->Connect(deployment_, deployed, i, credit));
        facts.push_back({.edge = deployed.edge,
                         .index = static_cast<int32_t>(i),
                         .may_overtake = BarriersMayOvertake(edge.partitioner)});
      }
    }
    gates.push_back(std::make_unique<InputGate>(vertex_->operators[0].code.inputs[input], std::move(channels),
                                                environment_.executor));
    gates.back()->Describe(std::move(facts));
  }
  return gates;
}

StatusOr<std::vector<std::unique_ptr<PartitionWriter>>> TaskBuilder::BuildWriters() {
  std::vector<std::unique_ptr<PartitionWriter>> writers;
  for (const ResultPartitionDeployment& deployed : deployment_.outputs) {
    const JobEdge& edge = graph_.edges[vertex_->outputs[deployed.result]];
    PartitionWriterOptions options;
    options.kind = edge.partitioner;
    options.type = edge.code.type;
    options.max_parallelism = graph_.vertices[edge.target_vertex].max_parallelism;
    options.carries_hashes = !graph_.vertices[edge.target_vertex].operators[0].key_schema.empty();
    options.seed = static_cast<uint64_t>(deployment_.subtask_index);
    options.self = environment_.executor;
    WEIR_RETURN_IF_ERROR(GuardUserCode(vertex_->name, [&] {
      if (edge.code.key_hasher != nullptr) options.hasher.reset(edge.code.key_hasher->Make());
      if (edge.code.custom_partitioner != nullptr) options.partitioner.reset(edge.code.custom_partitioner->Make());
      return OkStatus();
    }));
    for (size_t i = 0; i < deployed.channels.size(); ++i) {
      WEIR_ASSIGN_OR_RETURN(options.channels.emplace_back(), environment_.channels->Connect(deployment_, deployed, i));
    }
    writers.push_back(PartitionWriter::New(std::move(options)));
  }
  return writers;
}

std::shared_ptr<TaskBuilder::Contexts> TaskBuilder::BuildContexts(const TaskSettings& settings) {
  auto contexts = std::make_shared<Contexts>();
  contexts->accumulators = std::make_shared<Accumulators>();
  contexts->metrics = environment_.metrics->OperatorGroups(deployment_, *vertex_);
  for (const JobOperator& job_operator : vertex_->operators) {
    MetricGroup* const metrics = contexts->metrics[contexts->runtime.size()].get();
    contexts->keyed_state.push_back(
        std::make_unique<OperatorKeyedState>(*environment_.state_backend, deployment_, *metrics));
    std::vector<std::string>& tags = contexts->side_outputs.emplace_back();
    for (const SideOutput& side : job_operator.code.side_outputs) tags.push_back(side.tag);
    contexts->runtime.push_back(std::make_unique<RuntimeContext>(RuntimeContext::Values{
        .job_id = deployment_.job_id.ToHex(),
        .job_name = deployment_.job_name,
        .operator_name = job_operator.name,
        .subtask_index = deployment_.subtask_index,
        .parallelism = deployment_.parallelism,
        .max_parallelism = deployment_.max_parallelism,
        .attempt_number = deployment_.attempt_number,
        .restored_checkpoint_id = deployment_.restored_checkpoint.value(),
        .has_checkpoints = settings.has_checkpoints,
        .file_system = environment_.file_system,
        .clock = environment_.clock,
        .metrics = metrics,
        .accumulators = contexts->accumulators.get(),
        .ship_directory = environment_.ship_directory,
    }));
  }
  return contexts;
}

std::function<Status()> TaskBuilder::PublisherOf(const std::shared_ptr<Contexts>& contexts,
                                                 OperatorChain& chain) const {
  MetricGroup& head = *contexts->metrics.front();
  const auto* const source = dynamic_cast<const SourceOperator*>(&chain.head());
  if (source != nullptr) contexts->splits = std::make_unique<SourceMetrics>(head);
  SourceMetrics* const splits = contexts->splits.get();
  return [contexts, source, splits, &chain] {
    if (splits != nullptr) splits->Publish(*source);
    Status status;
    for (size_t i = 0; i < contexts->keyed_state.size(); ++i)
      status.Update(contexts->keyed_state[i]->Publish().Annotate("operator \"" + chain.name(i) + "\""));
    return status;
  };
}

void TaskBuilder::Apply(const TaskSettings& settings, const Contexts& contexts, StreamTaskOptions& options) {
  options.has_checkpoints = settings.has_checkpoints;
  options.alignment = settings.alignment;
  options.overtakes = settings.overtakes;
  options.aligned_timeout = settings.aligned_timeout;
  options.counts = settings.counts;
  if (settings.counts) return;
  options.chain->StopCounting();
  for (const auto& state : contexts.keyed_state) state->StopCounting();
}

namespace {

// Says on which of the states of operator `op` the first checkpoint may build.
void NameBases(const TaskDeploymentDescriptor& task, size_t op, std::vector<NativeKeyedState>& native) {
  const std::vector<KeyedStateHandle>& keyed = task.restored_state[op].keyed;
  auto state = native.begin();
  for (size_t part = 0; part < keyed.size(); ++part) {
    if (keyed[part].format == kCanonicalKeyedFormat) continue;
    if (RestoredBase(task, op, part) != nullptr) state->base = task.restored_checkpoint.value();
    ++state;
  }
}

}  // namespace

void TaskBuilder::Restore(StreamTaskOptions& options) const {
  // With local copies in the place of files.
  const auto task = std::make_shared<TaskDeploymentDescriptor>(deployment_);
  options.restore = [task, &vertex = *vertex_, environment = environment_](OperatorChain& chain) {
    UseCopies(environment, *task);
    for (size_t i = 0; i < task->restored_state.size(); ++i) {
      WEIR_ASSIGN_OR_RETURN(OperatorStateParts state,
                            ReadOperatorState(*environment.file_system, task->restored_state[i]));
      NameBases(*task, i, state.native);
      WEIR_RETURN_IF_ERROR(ConvertNativeState(environment.state_backend->name(), state));
      WEIR_RETURN_IF_ERROR(chain.Restore(i, std::move(state)));
    }
    return RestoreChainedInFlight(*environment.file_system, *task, vertex, chain);
  };
  if (deployment_.restored_state[0].channels.empty()) return;
  options.restore_channels = [task, &graph = graph_, files = environment_.file_system](auto& gates) {
    return RestoreInFlight(*files, *task, graph, gates);
  };
}

StatusOr<BuiltTask> TaskBuilder::Build() {
  const int index = graph_.IndexOf(deployment_.vertex_id);
  if (index < 0)
    return NotFoundError("job \"" + deployment_.job_name + "\" has no vertex " + deployment_.vertex_id.ToHex());
  vertex_ = &graph_.vertices[index];
  StreamTaskOptions options;
  options.name = TaskName();
  options.is_source = vertex_->is_source();
  WEIR_ASSIGN_OR_RETURN(std::vector<ChainedOperator> operators, BuildOperators());
  WEIR_RETURN_IF_ERROR(environment_.channels->Reserve(deployment_));
  WEIR_ASSIGN_OR_RETURN(options.writers, BuildWriters());
  WEIR_ASSIGN_OR_RETURN(options.gates, BuildGates());
  std::vector<PartitionWriter*> writers;
  for (const auto& writer : options.writers) writers.push_back(writer.get());
  options.chain = std::make_unique<OperatorChain>(std::move(operators), std::move(writers));
  WEIR_ASSIGN_OR_RETURN(const TaskSettings settings, SettingsOf(graph_));
  const std::shared_ptr<Contexts> contexts = BuildContexts(settings);
  for (size_t i = 0; i < contexts->metrics.size(); ++i) {
    WorkerMetrics::AddOperator(*contexts->metrics[i], *vertex_, i, *options.chain);
  }
  options.publish = PublisherOf(contexts, *options.chain);
  Apply(settings, *contexts, options);
  options.context_of = [contexts, environment = environment_, settings](size_t i) {
    OperatorContext context;
    context.runtime = contexts->runtime[i].get();
    context.keyed_state = contexts->keyed_state[i].get();
    context.clock = environment.clock;
    context.waker = environment.executor;
    context.has_checkpoints = settings.has_checkpoints;
    context.auto_watermark_interval_ms = settings.watermark_interval.count();
    context.side_outputs = contexts->side_outputs[i];
    return context;
  };
  if (!deployment_.restored_state.empty()) Restore(options);
  options.clock = environment_.clock;
  options.executor = environment_.executor;
  options.observer = environment_.observer;
  BuiltTask built;
  built.task = std::make_unique<StreamTask>(std::move(options));
  built.accumulators = contexts->accumulators;
  built.metrics = environment_.metrics->TaskGroups(deployment_, *vertex_, *built.task);
  return built;
}

}  // namespace

StatusOr<BuiltTask> BuildTask(const TaskDeploymentDescriptor& deployment, const JobGraph& graph,
                              const TaskEnvironment& environment) {
  return TaskBuilder(deployment, graph, environment).Build();
}

}  // namespace weir
