// `weir`: see docs/user/cluster.md.
#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

#include "weir/base/execution/signal.h"
#include "weir/base/logging.h"
#include "weir/client/cli/command.h"
#include "weir/rpc/wire/hello.h"

extern const char kWeirVersion[];

namespace weir::cli {
namespace {

void PrintUsage(std::FILE* to) {
  std::fputs("usage: weir <command> [options] ...\n\n", to);
  for (const Command& command : AllCommands()) {
    std::fprintf(to, "  %-10s %s\n", std::string(command.name).c_str(), std::string(command.doc).c_str());
  }
  std::fputs(
      "\n`weir <command> --help` has the options. -D<key>=<value> sets any key of conf/config.yaml.\n`weir --version` "
      "says which release this is.\n",
      to);
}

void PrintHelp(const Command& command) {
  std::printf(
      "usage: weir %s [options] %s\n%s\n\n%s  -D<key>=<value>                     sets a key of conf/config.yaml\n",
      std::string(command.name).c_str(), std::string(command.usage).c_str(), std::string(command.doc).c_str(),
      OptionsText(command.options).c_str());
}

int Run(const Command& command, const std::vector<std::string>& arguments) {
  StatusOr<ParsedLine> line = ParseLine(command.options, arguments, command.takes_program);
  if (line.ok() && !command.needs.empty() && !line->Has(command.needs)) {
    line = TakeOptionsBehindProgram(command.options, *std::move(line));
  }
  if (!line.ok()) {
    std::fprintf(stderr, "error: weir %s: %s\n", std::string(command.name).c_str(),
                 std::string(line.status().message()).c_str());
    return kBadUsage;
  }
  line->command = std::string(command.name);
  if (const Status logs = OpenClientLog(); !logs.ok()) return Fail(logs);
  if (line->Has("help")) {
    PrintHelp(command);
    return kDone;
  }
  if (command.takes_program && line->positionals.empty()) {
    std::fprintf(stderr, "error: weir %s: which program? usage: weir %s [options] %s\n",
                 std::string(command.name).c_str(), std::string(command.name).c_str(),
                 std::string(command.usage).c_str());
    return kBadUsage;
  }
  if (command.usage.empty() && !line->positionals.empty()) {
    return Misuse(*line, "\"" + line->positionals[0] + "\" is too much: it takes options only");
  }
  if (const Status address = CheckAddress(line->Get("jobmanager")); !address.ok()) {
    return Misuse(*line, std::string(address.message()));
  }
  return command.run(*line);
}

int PrintVersion() {
  std::printf("Weir %s, protocol %u\n", kWeirVersion, kProtocolVersion);
  return kDone;
}

int Main(int argc, char** argv) {
  IgnoreBrokenPipes();
  const std::string name = argc > 1 ? argv[1] : "";
  if (name.empty() || name == "--help" || name == "-h" || name == "help") {
    PrintUsage(name.empty() ? stderr : stdout);
    return name.empty() ? kBadUsage : kDone;
  }
  if (name == "--version" || name == "-v") return PrintVersion();
  for (const Command& command : AllCommands()) {
    if (command.name == name) return Run(command, std::vector<std::string>(argv + 2, argv + argc));
  }
  std::fprintf(stderr, "error: weir has no command \"%s\"\n", name.c_str());
  PrintUsage(stderr);
  return kBadUsage;
}

}  // namespace
}  // namespace weir::cli

int main(int argc, char** argv) {
  const int code = weir::cli::Main(argc, argv);
  std::fflush(nullptr);
  // Not exit(): gRPC's static objects take longer to go than most commands take, and calls may still wait for a job's end.
  _exit(code);
}
