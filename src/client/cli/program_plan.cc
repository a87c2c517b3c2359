#include "weir/client/cli/program_plan.h"

#include <set>
#include <utility>

#include "weir/base/file/file_path.h"
#include "weir/base/file/file_system.h"
#include "weir/client/cli/command.h"
#include "weir/client/cli/program_run.h"
#include "weir/client/cli/program_upload.h"
#include "weir/config/checkpoint_options.h"
#include "weir/config/cluster_options.h"
#include "weir/config/pipeline_options.h"
#include "weir/graph/job/job_graph_codec.h"
#include "weir/v1/program.pb.h"

namespace weir::cli {
namespace {

// Relative ones mean this process' place, not the JobManager's.
std::string SavepointPath(const std::string& given) {
  return given == kLatestCheckpoint || given.find("://") != std::string::npos ? given : AbsolutePath(given);
}

Status NoPlanError() {
  return DataLossError("the program sent what is no plan. Was it built with this version of Weir?");
}

// Draws a vertex and what is behind it.
class PlanTree {
 public:
  explicit PlanTree(const JobGraph& graph) : graph_(graph) {}

  std::string Draw() {
    text_ = "job \"" + graph_.name + "\"\n";
    for (size_t v = 0; v < graph_.vertices.size(); ++v) {
      if (graph_.vertices[v].inputs.empty()) DrawVertex(static_cast<int>(v), "", "");
    }
    return std::move(text_);
  }

 private:
  // `arrow` stands before the vertex; lines below it begin with `indent`.
  void DrawVertex(int v, const std::string& arrow, const std::string& indent) {
    const JobVertex& vertex = graph_.vertices[v];
    text_ += arrow + std::to_string(v + 1) + ". " + vertex.name;
    if (!drawn_.insert(v).second) {
      text_ += "  (above)\n";
      return;
    }
    text_ += "  (parallelism " + std::to_string(vertex.parallelism) + ")\n";
    for (size_t i = 0; i < vertex.outputs.size(); ++i) {
      const JobEdge& edge = graph_.edges[vertex.outputs[i]];
      const bool is_last = i + 1 == vertex.outputs.size();
      DrawVertex(edge.target_vertex,
                 indent + (is_last ? "└─ " : "├─ ") + std::string(PartitionerName(edge.partitioner)) + " ─▶ ",
                 indent + (is_last ? "   " : "│  "));
    }
  }

  const JobGraph& graph_;
  std::set<int> drawn_;
  std::string text_;
};

}  // namespace

StatusOr<Configuration> PropertiesOf(const ParsedLine& line) {
  Configuration properties = line.properties;
  if (line.Has("parallelism")) properties.SetText(kParallelism.key(), line.Get("parallelism"), "-p");
  if (line.Has("name")) properties.SetText(kJobName.key(), line.Get("name"), "--name");
  if (line.Has("fromSavepoint")) properties.SetText(kRestorePath.key(), SavepointPath(line.Get("fromSavepoint")), "-s");
  if (line.Has("allowNonRestoredState")) {
    properties.SetText("execution.state-recovery.ignore-unclaimed-state", "true", "-n");
  }
  if (line.Has("claimMode")) properties.SetText("execution.state-recovery.claim-mode", line.Get("claimMode"), "-cm");
  WEIR_RETURN_IF_ERROR(CheckValues(properties));
  return properties;
}

StatusOr<JobGraph> PlanOf(const ParsedLine& line, const Configuration& properties) {
  LocalFileSystem files;
  WEIR_ASSIGN_OR_RETURN(const std::string path, FindProgram(files, line.positionals[0]));
  WEIR_ASSIGN_OR_RETURN(const std::string library_path, LibraryPathOf(files, path, {}));
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<ProgramRun> program,
                        ProgramRun::Start({.role = JobRole::kPlan, .configuration = ConfigurationText(properties)},
                                          path, line.positionals, ProgramOutput::kStderr, library_path));
  const Duration patience = properties.Get(kClientTimeout);
  const FrameInbox::Item item = program->Next(patience);
  if (item.kind == FrameInbox::Kind::kTimeout) {
    return DeadlineExceededError("the program did not come to its Execute() within " +
                                 std::to_string(patience.count() / 1000) +
                                 " s, and was killed. In this role nothing runs but what main() does before it; "
                                 "-Dclient.timeout gives it longer.");
  }
  if (item.kind == FrameInbox::Kind::kClosed && !program->end().ok()) return NoPlanError();
  if (item.kind == FrameInbox::Kind::kClosed) {
    if (!program->ExitsWithin(patience)) return NoPlanError();
    return InvalidArgumentError("the program " + program->WaitForExit().ToString() +
                                " without executing a job: its main() came to no Execute()");
  }
  v1::ProgramRequest request;
  if (!request.ParseFromString(item.frame) || !request.has_plan()) {
    return NoPlanError();
  }
  return FromProto(request.plan());
}

std::string PlanText(const JobGraph& graph) { return PlanTree(graph).Draw(); }

}  // namespace weir::cli
