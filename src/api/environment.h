// Where a program begins: sources come from it, and Execute runs what was built on them.
#pragma once

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "weir/api/data_stream.h"
#include "weir/api/factories.h"
#include "weir/api/job_submitter.h"
#include "weir/api/plan.h"
#include "weir/api/settings.h"
#include "weir/base/time.h"
#include "weir/client/job_client.h"
#include "weir/client/job_execution_result.h"
#include "weir/config/checkpoint_options.h"
#include "weir/config/command_line.h"
#include "weir/config/configuration.h"
#include "weir/config/pipeline_options.h"
#include "weir/connectors/generator/collection_source.h"
#include "weir/functions/source.h"
#include "weir/functions/watermark_strategy.h"

namespace weir {

class EmbeddedCluster;
struct JobGraph;

// Reads the command line (the program's own parameters, -p, -Dkey=value, --help) and conf/config.yaml; builds the dataflow; runs it.
//
// What the program sets wins over the command line, which wins over the file. One thread.
class StreamExecutionEnvironment final : private JobSubmitter {
 public:
  StreamExecutionEnvironment(int argc, const char* const* argv);
  StreamExecutionEnvironment(const StreamExecutionEnvironment&) = delete;
  StreamExecutionEnvironment& operator=(const StreamExecutionEnvironment&) = delete;

  // The program's own parameters: Parameters().Get("input", "default.csv", "what it is for").
  weir::Parameters& Parameters() { return command_line_.parameters(); }
  // What the program sets; laid over the command line and the file when the job starts.
  Configuration& configuration() { return program_; }

  StreamExecutionEnvironment& SetParallelism(int parallelism);
  StreamExecutionEnvironment& SetMaxParallelism(int max_parallelism);
  // Accepted as in Flink; a part-full batch leaves at the end of each step, so no value makes a record wait.
  StreamExecutionEnvironment& SetBufferTimeout(Duration timeout);
  StreamExecutionEnvironment& DisableOperatorChaining();
  // Only streaming is there yet: Execute refuses the others, and says so.
  StreamExecutionEnvironment& SetRuntimeMode(RuntimeMode mode);
  StreamExecutionEnvironment& SetRestartStrategy(const RestartStrategy& strategy);
  StreamExecutionEnvironment& EnableCheckpointing(Duration interval,
                                                  CheckpointingMode mode = CheckpointingMode::kExactlyOnce);
  // The path under which a running function finds the file, on every machine; the file travels with the job.
  std::string ShipFile(std::string_view path);

  // S: a Source; see functions/source.h.
  template <class S>
  DataStream<typename S::Record> FromSource(S source, std::string name = "Source") {
    return AddSource(std::move(source), std::move(name), false);
  }
  // The same with event time: the strategy says where timestamps come from, and watermarks are kept per split.
  template <class S>
  DataStream<typename S::Record> FromSource(S source, const WatermarkStrategy<typename S::Record>& strategy,
                                            std::string name = "Source") {
    return AddSource(std::move(source), std::move(name), false, &strategy.strategy());
  }
  // The lines of a file, of the files of a folder, or of those that match a pattern; .gz and .zst are decompressed.
  DataStream<std::string_view> ReadTextFile(std::string path);
  // Lines from a TCP server, read by one subtask; `max_retries`: connections after the first, -1 for ever. To try things out.
  DataStream<std::string_view> SocketTextStream(std::string host, int port, char delimiter = '\n', int max_retries = 0);
  // first, first + 1, ..., last.
  DataStream<int64_t> FromSequence(int64_t first, int64_t last);
  template <class T>
  DataStream<T> FromCollection(std::vector<T> records) {
    return AddSource(CollectionSource<T>(std::move(records)), "Collection Source", true);
  }
  template <class T>
  DataStream<T> FromElements(std::initializer_list<T> records) {
    return FromCollection(std::vector<T>(records));
  }

  // Runs the job to its end. Streams made before are then used up: a second Execute runs what was built since. Does not throw; a failed job's cause is
  // printed once to stderr, and is in the result.
  JobExecutionResult Execute(std::string job_name = {});
  // Starts the job, and goes on. One that cannot be started is a client that is not ok().
  JobClient ExecuteAsync(std::string job_name = {});
  // Runs this program's jobs on `cluster` from here on, beside whatever else runs there: for tests of several jobs, or of one on too few slots.
  void RunOn(std::shared_ptr<EmbeddedCluster> cluster) { cluster_ = std::move(cluster); }
  // The plan as JSON, without running it.
  StatusOr<std::string> ExecutionPlan();

  const std::shared_ptr<Plan>& plan() const { return plan_; }

 private:
  StatusOr<JobClient> Submit(const std::string& job_name) override;

  template <class S>
  DataStream<typename S::Record> AddSource(S source, std::string name, bool non_parallel,
                                           const EventTimeStrategy* strategy = nullptr) {
    using T = typename S::Record;
    auto factory = std::shared_ptr<const SourceFactory>(new TypedSourceFactory<S>(std::move(source)));
    const OperatorFactory* op = nullptr;
    if (strategy != nullptr) {
      plan_->Check(strategy->Check(), name);
      op = new TimedSourceOperatorFactory(factory, *strategy);
    } else {
      op = new SourceOperatorFactory(factory);
    }
    const int id = plan_->AddSource(std::move(name), std::move(factory), op, &BatchTypeOf<T>(), non_parallel);
    return DataStream<T>(plan_, {StreamOrigin{.node = id}});
  }

  // All layers of the configuration, checked. Ends the process if --help was asked for.
  StatusOr<Configuration> Configure();
  StatusOr<JobGraph> BuildGraph(const Configuration& configuration, const std::string& job_name);
  StatusOr<std::pair<JobGraph, Configuration>> Prepare(const std::string& job_name);

  CommandLine command_line_;
  Configuration program_;
  std::shared_ptr<Plan> plan_;
  std::vector<std::string> shipped_;  // files given to ShipFile, in that order
  // What the last Execute returns because it is about a job before the one that this process is for (client/role/role_session.h).
  std::optional<JobExecutionResult> earlier_result_;
  std::shared_ptr<EmbeddedCluster> cluster_;  // null: each job has one of its own
};

}  // namespace weir
