// `weir`: see docs/user/cluster.md.
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "weir/base/execution/signal.h"
#include "weir/base/logging.h"
#include "weir/client/cli/command.h"
#include "weir/config/nearest_name.h"
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

// On a line that cannot be read.
bool AsksForJson(const std::vector<std::string>& arguments) {
  return std::ranges::any_of(arguments, [](const std::string& each) { return each == "--json" || each == "-json"; });
}

const Command* FindCommand(std::string_view name) {
  const auto found = std::ranges::find(AllCommands(), name, &Command::name);
  return found == AllCommands().end() ? nullptr : &*found;
}

int Run(const Command& command, const std::vector<std::string>& arguments) {
  StatusOr<ParsedLine> line = ParseLine(command.options, arguments, command.takes_program);
  if (line.ok() ? line->Has("json") : AsksForJson(arguments)) ReportErrorsAsJson();
  if (line.ok() && !command.needs.empty() && !line->Has(command.needs)) {
    line = TakeOptionsBehindProgram(command.options, *std::move(line));
  }
  if (!line.ok()) {
    ParsedLine unread;
    unread.command = std::string(command.name);
    return Misuse(unread, std::string(line.status().message()));
  }
  line->command = std::string(command.name);
  if (const Status logs = OpenClientLog(); !logs.ok()) return Fail(logs);
  if (line->Has("help")) {
    PrintHelp(command);
    return kDone;
  }
  if (command.takes_program && line->positionals.empty()) {
    return Misuse(*line, "which program? usage: weir " + line->command + " [options] " + std::string(command.usage));
  }
  if (command.usage.empty() && !line->positionals.empty()) {
    return Misuse(*line, "\"" + line->positionals[0] + "\" is too much: it takes options only");
  }
  if (const Status address = CheckAddress(line->Get("jobmanager")); !address.ok()) {
    return Misuse(*line, std::string(address.message()));
  }
  return command.run(*line);
}

int PrintVersion(bool as_json) {
  std::printf(as_json ? "{\"version\":\"%s\",\"protocol\":%u}\n" : "Weir %s, protocol %u\n", kWeirVersion,
              kProtocolVersion);
  return kDone;
}

int Main(int argc, char** argv) {
  IgnoreBrokenPipes();
  const std::string name = argc > 1 ? argv[1] : "";
  if (name == "help" && argc > 2 && FindCommand(argv[2]) != nullptr) {
    PrintHelp(*FindCommand(argv[2]));
    return kDone;
  }
  if (name.empty() || name == "--help" || name == "-h" || name == "help") {
    PrintUsage(name.empty() ? stderr : stdout);
    return name.empty() ? kBadUsage : kDone;
  }
  if (name == "--version" || name == "-v") return PrintVersion(AsksForJson({argv + 2, argv + argc}));
  if (const Command* const command = FindCommand(name)) {
    return Run(*command, std::vector<std::string>(argv + 2, argv + argc));
  }
  std::vector<std::string_view> names;
  for (const Command& command : AllCommands()) names.push_back(command.name);
  const std::string nearest(NearestName(name, names));
  std::fprintf(stderr, "error: weir has no command \"%s\"%s\n", name.c_str(),
               nearest.empty() ? "" : (". Did you mean \"" + nearest + "\"?").c_str());
  PrintUsage(stderr);
  return kBadUsage;
}

// Who closes 0, 1 or 2 would have us write to whichever file or socket is opened next.
void HoldStandardDescriptors() {
  int opened = 0;
  while (opened >= 0 && opened <= STDERR_FILENO) opened = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (opened > STDERR_FILENO) close(opened);
}

// A full disk must not look like a list of no jobs. Who has stopped reading, as `head` does, has what he wants.
int WithOutputWritten(int code) {
  errno = 0;
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
  pollfd output{.fd = STDOUT_FILENO, .events = 0, .revents = 0};
  if (poll(&output, 1, 0) == 1 && (output.revents & POLLERR) != 0) return code;
  std::fprintf(stderr, "error: cannot write the output%s%s\n", errno == 0 ? "" : ": ",
               errno == 0 ? "" : std::strerror(errno));
  return code == kDone ? kFailed : code;
}

}  // namespace
}  // namespace weir::cli

int main(int argc, char** argv) {
  weir::cli::HoldStandardDescriptors();
  const int code = weir::cli::WithOutputWritten(weir::cli::Main(argc, argv));
  // Not exit(): gRPC's static objects take longer to go than most commands take, and calls may still wait for a job's end.
  _exit(code);
}
