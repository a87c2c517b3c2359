#include "weir/api/environment.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "weir/base/file/file_path.h"
#include "weir/base/file/file_system.h"
#include "weir/client/earlier_job.h"
#include "weir/client/execute_job.h"
#include "weir/client/role/role_session.h"
#include "weir/config/checkpoint_options.h"
#include "weir/config/config_file.h"
#include "weir/config/log/log_settings.h"
#include "weir/config/pipeline_options.h"
#include "weir/config/restart_options.h"
#include "weir/connectors/file/text_file_source.h"
#include "weir/connectors/generator/sequence_source.h"
#include "weir/connectors/socket/socket_text_source.h"
#include "weir/graph/job/job_graph_builder.h"
#include "weir/graph/job/plan_json.h"
#include "weir/rpc/job_role.h"

namespace weir {

namespace {

constexpr std::string_view kWeirRun = "the options of `weir run`";

void PrintError(const Status& status) { std::fprintf(stderr, "error: %s\n", std::string(status.message()).c_str()); }

Configuration RestartConfiguration(const RestartStrategy& strategy) {
  Configuration configuration;
  switch (strategy.kind) {
    case RestartStrategy::Kind::kNone:
      configuration.Set(kRestartStrategy, RestartStrategyType::kNone);
      break;
    case RestartStrategy::Kind::kFixedDelay:
      configuration.Set(kRestartStrategy, RestartStrategyType::kFixedDelay);
      configuration.Set(kFixedDelayAttempts, strategy.attempts);
      configuration.Set(kFixedDelay, strategy.delay);
      break;
    case RestartStrategy::Kind::kFailureRate:
      configuration.Set(kRestartStrategy, RestartStrategyType::kFailureRate);
      configuration.Set(kFailureRateMaxFailures, strategy.attempts);
      configuration.Set(kFailureRateInterval, strategy.interval);
      configuration.Set(kFailureRateDelay, strategy.delay);
      break;
    case RestartStrategy::Kind::kExponentialDelay:
      configuration.Set(kRestartStrategy, RestartStrategyType::kExponentialDelay);
      configuration.Set(kExponentialInitialBackoff, strategy.delay);
      configuration.Set(kExponentialMaxBackoff, strategy.max_delay);
      configuration.Set(kExponentialMultiplier, strategy.multiplier);
      configuration.Set(kExponentialResetThreshold, strategy.reset_after);
      break;
  }
  return configuration;
}

// Whether the value was given to `weir run`, which counts as the job's own command line.
bool IsFromWeirRun(const ConfigEntry& entry) { return entry.origin.starts_with(kWeirRun); }

}  // namespace

StreamExecutionEnvironment::StreamExecutionEnvironment(int argc, const char* const* argv)
    : command_line_(argc, argv), plan_(std::make_shared<Plan>()) {
  plan_->SetSubmitter(this);
  for (int i = 1; i < argc; ++i) plan_->graph().config.arguments.emplace_back(argv[i]);
}

StreamExecutionEnvironment& StreamExecutionEnvironment::SetParallelism(int parallelism) {
  if (parallelism < 1)
    plan_->AddError("SetParallelism(" + std::to_string(parallelism) + "): the parallelism must be >= 1");
  plan_->graph().config.environment_parallelism = parallelism;
  return *this;
}

StreamExecutionEnvironment& StreamExecutionEnvironment::SetMaxParallelism(int max_parallelism) {
  plan_->graph().config.max_parallelism = max_parallelism;
  return *this;
}

StreamExecutionEnvironment& StreamExecutionEnvironment::SetBufferTimeout(Duration timeout) {
  program_.Set(kBufferTimeout, timeout);
  return *this;
}

StreamExecutionEnvironment& StreamExecutionEnvironment::DisableOperatorChaining() {
  program_.Set(kOperatorChaining, false);
  return *this;
}

StreamExecutionEnvironment& StreamExecutionEnvironment::SetRuntimeMode(RuntimeMode mode) {
  program_.Set(kRuntimeMode, mode);
  return *this;
}

StreamExecutionEnvironment& StreamExecutionEnvironment::SetRestartStrategy(const RestartStrategy& strategy) {
  program_.Overlay(RestartConfiguration(strategy));
  return *this;
}

StreamExecutionEnvironment& StreamExecutionEnvironment::EnableCheckpointing(Duration interval, CheckpointingMode mode) {
  program_.Set(kCheckpointInterval, interval);
  program_.Set(kCheckpointingMode, mode);
  return *this;
}

std::string StreamExecutionEnvironment::ShipFile(std::string_view path) {
  shipped_.emplace_back(path);
  if (!ShipFolder().empty()) {
    return ShipFolder() + "/" + std::to_string(shipped_.size() - 1) + "/" + std::string(BaseName(path));
  }
  LocalFileSystem files;
  const StatusOr<FileInfo> info = files.Stat(std::string(path));
  if (!info.ok() || !info->IsFile()) {
    plan_->AddError("ShipFile(\"" + std::string(path) +
                    "\"): " + (info.ok() ? "that is no file" : std::string(info.status().message())));
  }
  return std::string(path);
}

DataStream<std::string_view> StreamExecutionEnvironment::ReadTextFile(std::string path) {
  return FromSource(TextFileSource(std::move(path)), "Text File Source");
}

DataStream<std::string_view> StreamExecutionEnvironment::SocketTextStream(std::string host, int port, char delimiter,
                                                                          int max_retries) {
  SocketTextSource source({.host = std::move(host), .port = port, .delimiter = delimiter, .max_retries = max_retries});
  return AddSource(std::move(source), "Socket Stream", true);
}

DataStream<int64_t> StreamExecutionEnvironment::FromSequence(int64_t first, int64_t last) {
  return AddSource(SequenceSource(first, last), "Sequence Source", false);
}

StatusOr<Configuration> StreamExecutionEnvironment::Configure() {
  if (command_line_.help_requested()) {
    std::fputs(command_line_.HelpText().c_str(), stdout);
    std::fflush(stdout);
    // Asking for help is no run: what follows in main() must not act on results that do not exist.
    std::exit(EXIT_SUCCESS);
  }
  WEIR_RETURN_IF_ERROR(command_line_.Check());
  const char* const folder = std::getenv("WEIR_CONF_DIR");
  LocalFileSystem files;
  WEIR_ASSIGN_OR_RETURN(const Configuration file, LoadConfigurationFolder(files, folder == nullptr ? "" : folder));
  WEIR_RETURN_IF_ERROR(CheckValues(file));
  plan_->graph().config.configured_parallelism = file.Get(kParallelism);
  Configuration all = file;
  WEIR_ASSIGN_OR_RETURN(const Configuration run, ParseYaml(ClientConfigurationText(), kWeirRun));
  all.Overlay(run);
  all.Overlay(command_line_.configuration());
  all.Overlay(program_);
  WEIR_RETURN_IF_ERROR(CheckValues(all));
  if (CurrentJobRole() == JobRole::kEmbedded || CurrentJobRole() == JobRole::kClient) {
    const std::string log_file = LogSettingsFile(folder == nullptr ? "" : folder);
    WEIR_ASSIGN_OR_RETURN(const LogSettings logs, LoadLogSettings(files, log_file, LogProcess::kClient));
    // Only what is configured: a program may have set its level itself.
    if (files.Exists(log_file).ValueOr(false)) WEIR_RETURN_IF_ERROR(ApplyLogSettings(logs, ""));
  }
  for (const std::string& warning : WarningsFor(all)) std::fprintf(stderr, "warning: %s\n", warning.c_str());
  return all;
}

StatusOr<JobGraph> StreamExecutionEnvironment::BuildGraph(const Configuration& configuration,
                                                          const std::string& job_name) {
  WEIR_RETURN_IF_ERROR(plan_->status());
  StreamGraphConfig& config = plan_->graph().config;
  const ConfigEntry* const name = configuration.FindEntry(kJobName.key());
  if (!job_name.empty() && (name == nullptr || !IsFromWeirRun(*name))) {
    config.job_name = job_name;
  } else if (const auto configured = configuration.Find(kJobName)) {
    config.job_name = *configured;
  }
  if (const ConfigEntry* run = configuration.FindEntry(kParallelism.key()); run != nullptr && IsFromWeirRun(*run))
    config.command_line_parallelism = configuration.Get(kParallelism);
  if (const auto parallelism = command_line_.configuration().Find(kParallelism))
    config.command_line_parallelism = *parallelism;
  if (const auto max_parallelism = configuration.Find(kMaxParallelism);
      max_parallelism && config.max_parallelism == 0) {
    config.max_parallelism = *max_parallelism;
  }
  config.runtime_mode = configuration.Get(kRuntimeMode);
  config.operator_chaining = configuration.Get(kOperatorChaining);
  config.auto_generate_uids = configuration.Get(kAutoGenerateUids);
  config.buffer_timeout_ms = configuration.Get(kBufferTimeout).count();
  config.values.clear();
  for (const ConfigEntry& entry : configuration.entries()) config.values.emplace_back(entry.key, entry.value);
  WEIR_ASSIGN_OR_RETURN(JobGraph graph, BuildJobGraph(plan_->graph()));
  for (const std::string& path : shipped_) {
    const auto number = static_cast<int32_t>(graph.program.files.size());
    graph.program.files.push_back({.name = std::string(BaseName(path)), .number = number, .path = path});
  }
  return graph;
}

StatusOr<std::pair<JobGraph, Configuration>> StreamExecutionEnvironment::Prepare(const std::string& job_name) {
  WEIR_ASSIGN_OR_RETURN(Configuration configuration, Configure());
  WEIR_ASSIGN_OR_RETURN(JobGraph graph, BuildGraph(configuration, job_name));
  earlier_result_ = PassThroughRole(plan_->graph(), graph);
  // What was executed is done: a second Execute runs what is built from here on.
  plan_->Restart();
  return std::pair<JobGraph, Configuration>(std::move(graph), std::move(configuration));
}

JobExecutionResult StreamExecutionEnvironment::Execute(std::string job_name) {
  auto prepared = Prepare(job_name);
  if (!prepared.ok()) {
    PrintError(prepared.status());
    return JobExecutionResult({.job_name = std::move(job_name), .status = prepared.status()});
  }
  if (earlier_result_.has_value()) return *earlier_result_;
  if (cluster_ == nullptr) return ExecuteJob(std::move(prepared->first), std::move(prepared->second));
  const std::string name = prepared->first.name;
  StatusOr<JobClient> job = SubmitJob(std::move(prepared->first), std::move(prepared->second), cluster_);
  if (!job.ok()) return JobExecutionResult({.job_name = name, .status = job.status()});
  return job->Result();
}

JobClient StreamExecutionEnvironment::ExecuteAsync(std::string job_name) {
  StatusOr<JobClient> started = Submit(job_name);
  return started.ok() ? std::move(started).value() : JobClient(started.status(), std::move(job_name));
}

StatusOr<JobClient> StreamExecutionEnvironment::Submit(const std::string& job_name) {
  WEIR_ASSIGN_OR_RETURN(auto prepared, Prepare(job_name));
  if (earlier_result_.has_value()) return ClientOfEarlierJob(*earlier_result_);
  if (cluster_ == nullptr) return SubmitJob(std::move(prepared.first), std::move(prepared.second));
  return SubmitJob(std::move(prepared.first), std::move(prepared.second), cluster_);
}

StatusOr<std::string> StreamExecutionEnvironment::ExecutionPlan() {
  WEIR_ASSIGN_OR_RETURN(const Configuration configuration, Configure());
  WEIR_ASSIGN_OR_RETURN(const JobGraph graph, BuildGraph(configuration, ""));
  return JobPlanJson(graph);
}

}  // namespace weir
