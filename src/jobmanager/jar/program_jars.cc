#include "weir/jobmanager/jar/program_jars.h"

#include <array>
#include <utility>

#include "weir/base/random.h"
#include "weir/config/configuration.h"
#include "weir/config/pipeline_options.h"
#include "weir/config/rest_options.h"
#include "weir/graph/job/job_graph.h"
#include "weir/jobmanager/jar/plan_process.h"
#include "weir/jobmanager/rest/rest_resources.h"
#include "weir/rpc/artifact/artifact_store.h"
#include "weir/rpc/artifact/sha256.h"
#include "weir/rpc/pending_reply.h"

namespace weir {
namespace {

constexpr size_t kCopyBytes = 256 * 1024;

// What the program is told of its configuration: the cluster's, which `weir run` would read from its file, and over it the request's. Lines of YAML, as
// ClientConfigurationText() wants them.
std::string ConfigurationText(const Configuration& cluster,
                              const std::vector<std::pair<std::string, std::string>>& entries) {
  Configuration all;
  for (const ConfigEntry& entry : cluster.entries()) {
    // Secrets are the daemons' affair. A name would win over that of Execute().
    const bool is_told = MaskedValue(entry.key, entry.value) == entry.value && entry.key != kJobName.key();
    if (is_told) all.SetText(entry.key, entry.value, entry.origin);
  }
  for (const auto& [key, value] : entries) all.SetText(key, value, "the request");
  std::string text;
  for (const ConfigEntry& entry : all.entries()) {
    text += "'";
    for (const char each : entry.key) text += each == '\'' ? "''" : std::string(1, each);
    text += "': '";
    for (const char each : entry.value) text += each == '\'' ? "''" : each == '\n' ? " " : std::string(1, each);
    text += "'\n";
  }
  return text;
}

// What the job's own settings are laid over.
std::shared_ptr<const Configuration> ConfigurationFor(const Configuration& cluster, const JobGraph& graph) {
  auto configuration = std::make_shared<Configuration>(cluster);
  for (const auto& [key, value] : graph.configuration) configuration->SetText(key, value, "the job");
  return configuration;
}

std::string NameOf(const std::string& jar_id) { return jar_id.substr(jar_id.find('_') + 1); }

// Counts one plan for as long as it lives.
class PlanSlot {
 public:
  explicit PlanSlot(std::atomic<int>& plans) : plans_(plans), number_(plans.fetch_add(1) + 1) {}
  ~PlanSlot() { plans_.fetch_sub(1); }
  PlanSlot(const PlanSlot&) = delete;
  PlanSlot& operator=(const PlanSlot&) = delete;
  int number() const { return number_; }

 private:
  std::atomic<int>& plans_;
  const int number_;
};

}  // namespace

StatusOr<JobGraph> ProgramJars::Plan(const JarProgram& program) {
  WEIR_ASSIGN_OR_RETURN(const std::string path, options_.store->PathOf(program.id));
  const PlanSlot slot(plans_);
  if (slot.number() > kPlansAtOnce) {
    return UnavailableError("too many programs are being planned at the moment; try again");
  }
  PlanRequest request;
  request.executable = path;
  request.name = NameOf(program.id);
  request.arguments = program.arguments;
  request.configuration = ConfigurationText(*options_.configuration, program.configuration);
  request.library_folder = options_.library_folder;
  request.environment = options_.environment;
  request.user = options_.user;
  request.folder = options_.plan_folder + "/" + Id128::Random(*options_.random).ToHex();
  return PlanProgram(*options_.files, std::move(request));
}

StatusOr<std::string> ProgramJars::Publish(const std::string& path) {
  WEIR_ASSIGN_OR_RETURN(const std::string sha256, Sha256OfFile(*options_.files, path));
  if (options_.artifacts->Has(sha256)) return sha256;
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<ReadableFile> file, options_.files->OpenForRead(path));
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<ArtifactUpload> upload, options_.artifacts->Begin(sha256));
  std::vector<char> buffer(kCopyBytes);
  for (;;) {
    WEIR_ASSIGN_OR_RETURN(const size_t length, file->Read(buffer));
    if (length == 0) break;
    WEIR_RETURN_IF_ERROR(upload->Append(std::string_view(buffer.data(), length)));
  }
  WEIR_RETURN_IF_ERROR(upload->Finish());
  return sha256;
}

Status ProgramJars::PublishLibraries(JobProgram& program) {
  for (ShippedFile& file : program.files) {
    // The program says where they are, and may not have files read that only the daemon's user can.
    if (!file.is_library) {
      return InvalidArgumentError("the program \"" + program.name + "\" ships files (" + file.name +
                                  "), which are on the machine of whoever runs it. Submit it with `weir run`.");
    }
    WEIR_ASSIGN_OR_RETURN(file.sha256, Publish(file.path));
    program.library = file.sha256;
    file.path.clear();
  }
  return OkStatus();
}

StatusOr<JobId> ProgramJars::Run(const JarProgram& program) {
  WEIR_ASSIGN_OR_RETURN(JobGraph graph, Plan(program));
  WEIR_ASSIGN_OR_RETURN(const std::string path, options_.store->PathOf(program.id));
  WEIR_ASSIGN_OR_RETURN(const std::string sha256, Publish(path));
  graph.program.executable = sha256;
  graph.program.name = NameOf(program.id);
  WEIR_RETURN_IF_ERROR(PublishLibraries(graph.program));
  graph.fingerprint.executable = sha256;
  graph.id = program.job_id.has_value() ? *program.job_id : JobId::Random(*options_.random);
  const JobId id = graph.id;
  JobSubmission submission{
      .job_id = id, .graph = nullptr, .configuration = ConfigurationFor(*options_.configuration, graph)};
  submission.graph = std::make_shared<const JobGraph>(std::move(graph));
  PendingReply<bool> pending;
  options_.dispatcher->SubmitJob(std::move(submission), [reply = pending.NewReply()](Status status) mutable {
    status.ok() ? reply(true) : reply(std::move(status));
  });
  if (!pending.WaitFor(options_.configuration->Get(kWebTimeout))) {
    return DeadlineExceededError("the JobManager did not answer in time (web.timeout)");
  }
  WEIR_RETURN_IF_ERROR(pending.Wait().status());
  return id;
}

}  // namespace weir
