#include "weir/client/cli/command.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "weir/base/file/file_path.h"
#include "weir/base/file/file_system.h"
#include "weir/base/file/process.h"
#include "weir/base/json_writer.h"
#include "weir/config/cluster_options.h"
#include "weir/config/config_file.h"
#include "weir/config/log/log_settings.h"
#include "weir/rpc/artifact/cluster_secret.h"

namespace weir::cli {
namespace {

// Set once, by main() before there is another thread.
bool reports_errors_as_json = false;

int Report(const std::string& what, int exit_code) {
  std::fprintf(stderr, "error: %s\n", what.c_str());
  PrintErrorIfJson(what, exit_code);
  return exit_code;
}

constexpr OptionSpec kAddress = {"jobmanager", "m", "<host:port>",
                                 "the JobManager to talk to; else jobmanager.rpc.address"};
constexpr OptionSpec kJson = {"json", "", "", "prints JSON"};
constexpr OptionSpec kHelp = {"help", "h", "", "prints this"};
constexpr OptionSpec kParallelismOption = {"parallelism", "p", "<number>",
                                           "parallelism of operators for which the program sets none"};
constexpr OptionSpec kAllowNonRestored = {"allowNonRestoredState", "n", "",
                                          "lets go of state in the savepoint that no operator takes"};
constexpr OptionSpec kType = {"type", "type", "<form>", "canonical (default) or native", "canonical native"};
constexpr OptionSpec kDetached = {"detached", "detached", "", "returns when it has begun, and prints where it goes"};

// Those that start a program.
std::vector<Command> ProgramCommands() {
  return {
      {"run",
       "<executable> [arguments]",
       "runs a job's program; its jobs run on the cluster",
       {kParallelismOption,
        {"detached", "d", "", "returns when the job is submitted"},
        {"shutdownOnAttachedExit", "sae", "", "cancels the job if this command ends before it"},
        {"fromSavepoint", "s", "<path>", "the savepoint or checkpoint to begin from"},
        kAllowNonRestored,
        {"claimMode", "cm", "<mode>", "who owns the savepoint afterwards: NO_CLAIM, CLAIM or LEGACY",
         "NO_CLAIM CLAIM LEGACY"},
        {"name", "", "<name>", "the job's name, in place of the program's"},
        {"ship", "", "<path>",
         "a file, or a folder's files, that every machine gets; libraries are found when it starts"},
        {"target", "t", "<target>",
         "remote (default); local: in this process, without a cluster; application: on a JobManager of its own",
         "remote local application"},
        {"job-id", "", "<id>", "the id of the program's first job; if the cluster has that job, this waits for it"},
        {"resume-id", "", "<id>",
         "the same where jobs outlive their JobManager (high-availability.type); else nothing"},
        kJson,
        kAddress,
        kHelp},
       true,
       RunCommand},
      {"info",
       "<executable> [arguments]",
       "shows the plan of a program's first job, without running it",
       {kParallelismOption, kJson, kHelp},
       true,
       InfoCommand},
      {"check",
       "<executable> [arguments]",
       "says whether a program's first job can start from a savepoint; nothing is stopped or started",
       {{"fromSavepoint", "s", "<path>", "the savepoint or checkpoint"},
        kAllowNonRestored,
        kParallelismOption,
        kJson,
        kHelp},
       true,
       CheckCommand,
       "fromSavepoint"},
  };
}

// Those that list, show and end jobs.
std::vector<Command> JobCommands() {
  return {
      {"list",
       "",
       "lists jobs: running and scheduled ones, if nothing else is said",
       {{"running", "r", "", "those that run"},
        {"scheduled", "s", "", "those whose tasks have not been scheduled yet"},
        {"all", "a", "", "those that have ended, too"},
        kJson,
        kAddress,
        kHelp},
       false,
       ListCommand},
      {"status",
       "<job id>",
       "shows a job on one screen: vertices, rates, where it is held up, its last checkpoint",
       {kJson, kAddress, kHelp},
       false,
       StatusCommand},
      {"logs",
       "<job id>",
       "prints what a job's processes have written, on whichever machine",
       {{"stdout", "", "", "their output only"},
        {"stderr", "", "", "their error output only"},
        {"log", "", "", "their logs only"},
        {"follow", "f", "", "goes on with what they write, until the job has ended"},
        kJson,
        kAddress,
        kHelp},
       false,
       LogsCommand},
      {"cancel",
       "<job id>",
       "cancels a job",
       {{"withSavepoint", "s", "[folder]",
         "takes a savepoint before; `weir stop` loses nothing in between, and is better"},
        kJson,
        kAddress,
        kHelp},
       false,
       CancelCommand},
      {"cluster", "", "shows TaskManagers and slots", {kJson, kAddress, kHelp}, false, ClusterCommand},
  };
}

// Those about snapshots.
std::vector<Command> SnapshotCommands() {
  return {
      {"stop",
       "<job id>",
       "stops a job with a savepoint, from which it can go on",
       {{"savepointPath", "p", "<folder>", "where the savepoint goes; else execution.checkpointing.savepoint-dir"},
        {"drain", "d", "", "windows and timers fire first: the job has ended for good"},
        kType,
        kDetached,
        kJson,
        kAddress,
        kHelp},
       false,
       StopCommand},
      {"savepoint",
       "<job id> [folder] | -d <path>",
       "takes a savepoint of a job, which goes on; or deletes one",
       {kType, {"dispose", "d", "<path>", "deletes the savepoint there for good"}, kDetached, kJson, kAddress, kHelp},
       false,
       SavepointCommand},
      {"checkpoint",
       "<job id>",
       "takes a checkpoint of a job now, besides the periodic ones",
       {{"full", "full", "", "it names no file of an earlier checkpoint"},
        {"incremental", "incremental", "", "it holds what changed; a full one where incremental checkpoints are off"},
        kJson,
        kAddress,
        kHelp},
       false,
       CheckpointCommand},
      {"state",
       "ls <savepoint> | dump <savepoint> | diff <before> <after>",
       "looks into a savepoint or checkpoint",
       {{"operator", "", "<name>", "dump, diff: one operator, by uid, name or the beginning of its id"},
        {"state", "", "<name>", "dump, diff: one state"},
        {"key", "", "<key>", "dump, diff: one key"},
        {"format", "", "<format>", "json, csv; ls: table, too"},
        kJson,
        kHelp},
       false,
       StateCommand},
      {"completion",
       "bash | zsh | fish",
       "prints completion for a shell: eval \"$(weir completion bash)\"",
       {kHelp},
       false,
       CompletionCommand},
  };
}

std::vector<Command> MakeCommands() {
  std::vector<Command> commands = ProgramCommands();
  for (Command& command : JobCommands()) commands.push_back(std::move(command));
  for (Command& command : SnapshotCommands()) commands.push_back(std::move(command));
  return commands;
}

}  // namespace

const std::vector<Command>& AllCommands() {
  static const auto* const commands = new std::vector<Command>(MakeCommands());
  return *commands;
}

void ReportErrorsAsJson() { reports_errors_as_json = true; }

void PrintErrorIfJson(const std::string& what, int exit_code) {
  if (!reports_errors_as_json) return;
  JsonWriter json;
  json.BeginObject().Field("error", what).Field("exit-code", exit_code).EndObject();
  std::printf("%s\n", std::move(json).Take().c_str());
}

int Fail(const Status& status) {
  return Report(std::string(status.message()), status.code() == StatusCode::kUnavailable ? kNoCluster : kFailed);
}

std::string InstallFolder() {
  const char* const given = std::getenv("WEIR_HOME");
  if (given != nullptr && *given != '\0') return given;
  const StatusOr<std::string> executable = CurrentExecutablePath();
  if (!executable.ok()) return {};
  return DirectoryName(DirectoryName(*executable));
}

std::string ConfigurationFolder() {
  const char* const given = std::getenv("WEIR_CONF_DIR");
  if (given != nullptr) return given;
  LocalFileSystem files;
  const std::string folder = InstallFolder() + "/conf";
  // A program that was copied out of its tree has no file beside it, and needs none.
  const bool has_file =
      files.Exists(folder + "/config.yaml").ValueOr(false) || files.Exists(folder + "/flink-conf.yaml").ValueOr(false);
  return has_file ? folder : "";
}

Status OpenClientLog() {
  LocalFileSystem files;
  const char* const conf_dir = std::getenv("WEIR_CONF_DIR");
  const char* const log_dir = std::getenv("WEIR_LOG_DIR");
  const std::string settings_file = LogSettingsFile(conf_dir != nullptr ? conf_dir : InstallFolder() + "/conf");
  WEIR_ASSIGN_OR_RETURN(const LogSettings settings, LoadLogSettings(files, settings_file, LogProcess::kClient));
  const std::string folder = log_dir != nullptr ? log_dir : InstallFolder() + "/log";
  if (settings.has_file) WEIR_RETURN_IF_ERROR(files.CreateDirectories(folder));
  const char* const user = std::getenv("USER");
  return ApplyLogSettings(settings, folder + "/weir-" + (user != nullptr ? user : std::to_string(getuid())) +
                                        "-client-" + HostName() + ".log");
}

Status CheckAddress(const std::string& address) {
  const size_t colon = address.rfind(':');
  const bool has_both = colon != std::string::npos && colon > 0 && colon + 1 < address.size();
  const bool is_address = has_both && address.find_first_not_of("0123456789", colon + 1) == std::string::npos &&
                          address.size() - colon <= 6;
  const int port = is_address ? std::stoi(address.substr(colon + 1)) : 0;
  if (address.empty() || (port > 0 && port <= 65535)) return OkStatus();
  return InvalidArgumentError("-m wants <host:port>, a port from 1 to 65535; got \"" + address + "\"");
}

StatusOr<Configuration> LoadConfiguration(const ParsedLine& line) {
  LocalFileSystem files;
  Configuration command_line = line.properties;
  const std::string address = line.Get("jobmanager");
  if (!address.empty()) {
    WEIR_RETURN_IF_ERROR(CheckAddress(address));
    const size_t colon = address.rfind(':');
    command_line.SetText(kJobManagerAddress.key(), address.substr(0, colon), "-m");
    command_line.SetText(kJobManagerPort.key(), address.substr(colon + 1), "-m");
  }
  return LoadLayers(files, ConfigurationFolder(), command_line);
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

StatusOr<std::shared_ptr<JobManagerClient>> Connect(const ParsedLine& line) {
  WEIR_ASSIGN_OR_RETURN(const Configuration configuration, LoadConfiguration(line));
  return ConnectTo(configuration);
}

int Misuse(const ParsedLine& line, const std::string& what) {
  return Report("weir " + line.command + ": " + what, kBadUsage);
}

StatusOr<JobId> JobIdOf(const ParsedLine& line) {
  if (line.positionals.size() != 1) {
    return InvalidArgumentError("expected one job id, 32 hexadecimal digits; `weir list -a` shows them");
  }
  return JobId::FromHex(line.positionals[0]);
}

}  // namespace weir::cli
