// state: looks into snapshots. The work is state/inspection's.
#include "weir/state/inspection/state_command.h"

#include <cstdio>
#include <string>
#include <utility>

#include "weir/base/file/file_system.h"
#include "weir/client/cli/command.h"

namespace weir::cli {
namespace {

TextSink Into(std::FILE* file) {
  return [file](std::string_view text) -> Status {
    if (std::fwrite(text.data(), 1, text.size(), file) == text.size()) return OkStatus();
    return UnavailableError("cannot write the output");
  };
}

}  // namespace

int StateCommand(const ParsedLine& line) {
  std::vector<std::string> arguments = line.positionals;
  for (const char* option : {"operator", "state", "key", "format"}) {
    if (!line.Has(option)) continue;
    arguments.push_back(std::string("--") + option);
    arguments.push_back(line.Get(option));
  }
  if (line.Has("json")) {
    arguments.emplace_back("--format");
    arguments.emplace_back("json");
  }
  LocalFileSystem files;
  std::string errors;
  TextSink keep_errors = [&errors](std::string_view text) -> Status {
    errors += text;
    return Into(stderr)(text);
  };
  const int code = RunStateCommand(files, arguments, Into(stdout), std::move(keep_errors), "weir state");
  if (code == kFailed || code == kBadUsage) PrintErrorIfJson(errors.substr(0, errors.find('\n')), code);
  return code;
}

}  // namespace weir::cli
