// The commands of `weir`.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/ids.h"
#include "weir/client/cli/command_line_options.h"
#include "weir/rpc/grpc/job_manager_client.h"

namespace weir::cli {

constexpr int kDone = 0;
constexpr int kFailed = 1;
constexpr int kBadUsage = 2;
constexpr int kNoCluster = 3;
constexpr int kIncompatible = 3;  // check: the job cannot start from the savepoint; state diff: something differs
constexpr int kInterrupted = 130;

struct Command {
  std::string_view name;
  std::string_view usage;  // what comes after the options: "<executable> [arguments]"
  std::string_view doc;
  std::vector<OptionSpec> options;
  bool takes_program = false;
  int (*run)(const ParsedLine& line) = nullptr;
  std::string_view needs = {};  // an option without which it makes no sense: it may stand behind the program, too
};

const std::vector<Command>& AllCommands();

// What ends this command is printed to stdout, too, as the JSON that its reader waits for: {"error": ..., "exit-code": ...}.
void ReportErrorsAsJson();
void PrintErrorIfJson(const std::string& what, int exit_code);
// Prints the error; returns the exit code of its class.
int Fail(const Status& status);

// What -m names; empty: it is not given.
Status CheckAddress(const std::string& address);
// $WEIR_CONF_DIR, else conf/ of the installation; empty: there is no configuration in it. Programs that commands start are told it, too.
std::string ConfigurationFolder();
// Its config.yaml, with -D and -m laid over it, checked.
StatusOr<Configuration> LoadConfiguration(const ParsedLine& line);
// The folder above bin/, where this program is installed, or $WEIR_HOME; empty when unknown.
std::string InstallFolder();
// How this command logs: what "client" says in the logging configuration.
Status OpenClientLog();
StatusOr<std::shared_ptr<JobManagerClient>> ConnectTo(const Configuration& configuration);
// The two above.
StatusOr<std::shared_ptr<JobManagerClient>> Connect(const ParsedLine& line);
// Prints what is wrong with the command line; returns kBadUsage.
int Misuse(const ParsedLine& line, const std::string& what);
// The path from the root; an empty one stays empty.
std::string AbsolutePath(const std::string& path);
// The one positional: a job id.
StatusOr<JobId> JobIdOf(const ParsedLine& line);

// Commands, each in the file of its name.
int RunCommand(const ParsedLine& line);
int InfoCommand(const ParsedLine& line);
int CheckCommand(const ParsedLine& line);
int ListCommand(const ParsedLine& line);
int CancelCommand(const ParsedLine& line);
int StopCommand(const ParsedLine& line);
int SavepointCommand(const ParsedLine& line);
int CheckpointCommand(const ParsedLine& line);
int StateCommand(const ParsedLine& line);
int CompletionCommand(const ParsedLine& line);
int StatusCommand(const ParsedLine& line);
int LogsCommand(const ParsedLine& line);
int ClusterCommand(const ParsedLine& line);

}  // namespace weir::cli
