#include "weir/client/cli/command.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "weir/base/file/file_path.h"
#include "weir/base/file/file_system.h"
#include "weir/base/file/process.h"
#include "weir/config/cluster_options.h"
#include "weir/config/config_file.h"
#include "weir/rpc/artifact/cluster_secret.h"

namespace weir::cli {
namespace {

constexpr OptionSpec kAddress = {"jobmanager", "m", "<host:port>",
                                 "the JobManager to talk to; else jobmanager.rpc.address"};
constexpr OptionSpec kJson = {"json", "", "", "prints JSON"};
constexpr OptionSpec kHelp = {"help", "h", "", "prints this"};

// Those that start a program.
std::vector<Command> ProgramCommands() {
  return {
      {"run",
       "<executable> [arguments]",
       "runs a job's program; its jobs run on the cluster",
       {{"parallelism", "p", "<number>", "parallelism of operators for which the program sets none"},
        {"detached", "d", "", "returns when the job is submitted"},
        {"shutdownOnAttachedExit", "sae", "", "cancels the job if this command ends before it"},
        {"fromSavepoint", "s", "<path>", "the savepoint or checkpoint to begin from"},
        {"allowNonRestoredState", "n", "", "lets go of state in the savepoint that no operator takes"},
        {"claimMode", "cm", "<mode>", "who owns the savepoint afterwards: NO_CLAIM or CLAIM"},
        {"name", "", "<name>", "the job's name, in place of the program's"},
        {"target", "t", "<target>", "remote (default), or local: in this process, without a cluster"},
        {"class", "c", "<class>", "not needed: a program has one main()"},
        kAddress,
        kHelp},
       true,
       RunCommand},
      {"info",
       "<executable> [arguments]",
       "shows the plan of a program's first job, without running it",
       {{"parallelism", "p", "<number>", "parallelism of operators for which the program sets none"}, kJson, kHelp},
       true,
       InfoCommand},
  };
}

// Those that ask the JobManager.
std::vector<Command> ClusterCommands() {
  return {
      {"list",
       "",
       "lists jobs: running and scheduled ones, if nothing else is said",
       {{"running", "r", "", "those that run"},
        {"scheduled", "s", "", "those that wait for their slots"},
        {"all", "a", "", "those that have ended, too"},
        kJson,
        kAddress,
        kHelp},
       false,
       ListCommand},
      {"cancel", "<job id>", "cancels a job", {kAddress, kHelp}, false, CancelCommand},
      {"stop",
       "<job id>",
       "stops a job with a savepoint, from which it can go on",
       {{"savepointPath", "p", "<folder>", "where the savepoint goes; else execution.checkpointing.savepoint-dir"},
        {"drain", "d", "", "windows and timers fire first: the job has ended for good"},
        {"type", "type", "<form>", "canonical (default) or native"},
        kAddress,
        kHelp},
       false,
       StopCommand},
      {"savepoint",
       "<job id> [folder]",
       "takes a savepoint of a job, which goes on",
       {{"type", "type", "<form>", "canonical (default) or native"}, kAddress, kHelp},
       false,
       SavepointCommand},
      {"status",
       "<job id>",
       "shows a job on one screen: vertices, records, where it is held up",
       {kJson, kAddress, kHelp},
       false,
       StatusCommand},
      {"logs",
       "<job id>",
       "prints what a job's processes on this machine have written",
       {{"stdout", "", "", "their output only"},
        {"stderr", "", "", "their error output only"},
        {"follow", "f", "", "goes on with what they write, until the job has ended"},
        kAddress,
        kHelp},
       false,
       LogsCommand},
      {"cluster", "", "shows TaskManagers and slots", {kJson, kAddress, kHelp}, false, ClusterCommand},
  };
}

std::vector<Command> MakeCommands() {
  std::vector<Command> commands = ProgramCommands();
  for (Command& command : ClusterCommands()) commands.push_back(std::move(command));
  return commands;
}

}  // namespace

const std::vector<Command>& AllCommands() {
  static const auto* const commands = new std::vector<Command>(MakeCommands());
  return *commands;
}

int Fail(const Status& status) {
  std::fprintf(stderr, "error: %s\n", std::string(status.message()).c_str());
  return status.code() == StatusCode::kUnavailable ? kNoCluster : kFailed;
}

std::string InstallFolder() {
  const StatusOr<std::string> executable = CurrentExecutablePath();
  if (!executable.ok()) return {};
  return DirectoryName(DirectoryName(*executable));
}

StatusOr<Configuration> LoadConfiguration(const ParsedLine& line) {
  LocalFileSystem files;
  const char* const given = std::getenv("WEIR_CONF_DIR");
  std::string folder = given != nullptr ? given : InstallFolder() + "/conf";
  // A program that was copied out of its tree has no file beside it, and needs none.
  if (given == nullptr && !files.Exists(folder + "/config.yaml").ValueOr(false)) folder.clear();
  Configuration command_line = line.properties;
  const std::string address = line.Get("jobmanager");
  if (!address.empty()) {
    const size_t colon = address.rfind(':');
    if (colon == std::string::npos || colon == 0) {
      return InvalidArgumentError("-m wants <host:port>, got \"" + address + "\"");
    }
    command_line.SetText(kJobManagerAddress.key(), address.substr(0, colon), "-m");
    command_line.SetText(kJobManagerPort.key(), address.substr(colon + 1), "-m");
  }
  return LoadLayers(files, folder, command_line);
}

StatusOr<std::shared_ptr<JobManagerClient>> ConnectTo(const Configuration& configuration) {
  LocalFileSystem files;
  JobManagerClient::Options options;
  options.address = configuration.Get(kJobManagerAddress) + ":" + std::to_string(configuration.Get(kJobManagerPort));
  WEIR_ASSIGN_OR_RETURN(options.secret, LoadClusterSecret(files, configuration.Find(kSecretFile).value_or("")));
  return JobManagerClient::New(std::move(options));
}

std::string AbsolutePath(const std::string& path) {
  char folder[4096];
  if (path.empty() || IsAbsolutePath(path) || getcwd(folder, sizeof(folder)) == nullptr) return path;
  return JoinPath(folder, path);
}

StatusOr<JobId> JobIdOf(const ParsedLine& line) {
  if (line.positionals.size() != 1) {
    return InvalidArgumentError("expected one job id, 32 hexadecimal digits; `weir list -a` shows them");
  }
  return JobId::FromHex(line.positionals[0]);
}

}  // namespace weir::cli
