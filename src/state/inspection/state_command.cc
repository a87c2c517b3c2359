#include "weir/state/inspection/state_command.h"

#include <string_view>
#include <utility>

namespace weir {

namespace {

std::string UsageOf(const std::string& program) {
  const std::string indented = "       " + program;
  return "usage: " + program + " ls <savepoint> [--format table|csv|json]\n" + indented +
         " dump <savepoint> [--operator <uid, name or id>] [--state <name>] [--key <key>] [--format json|csv]\n" +
         indented + " diff <before> <after> [--operator ...] [--state ...] [--key ...] [--format json|csv]\n";
}

struct Line {
  std::string command;
  std::vector<std::string> paths;
  StateFilter filter;
  std::string format;
};

// The place of an option's value in `line`, or nullptr for an unknown option.
std::string* ValueOf(std::string_view option, Line& line) {
  if (option == "--format") return &line.format;
  const bool has_filter = line.command != "ls";
  if (has_filter && option == "--operator") return &line.filter.op;
  if (has_filter && option == "--state") return &line.filter.state;
  if (has_filter && option == "--key") return &line.filter.key;
  return nullptr;
}

StatusOr<Line> Parse(const std::vector<std::string>& arguments) {
  Line line;
  if (!arguments.empty()) line.command = arguments[0];
  if (line.command != "ls" && line.command != "dump" && line.command != "diff")
    return InvalidArgumentError(line.command.empty() ? "which of ls, dump and diff?"
                                                     : "no command \"" + line.command + "\"");
  for (size_t i = 1; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (!argument.starts_with("--")) {
      line.paths.push_back(argument);
      continue;
    }
    const size_t equals = argument.find('=');
    std::string* const value = ValueOf(argument.substr(0, equals), line);
    if (value == nullptr) return InvalidArgumentError("no option \"" + argument + "\"");
    if (equals == std::string::npos && i + 1 == arguments.size())
      return InvalidArgumentError("\"" + argument + "\" needs a value");
    *value = equals == std::string::npos ? arguments[++i] : argument.substr(equals + 1);
  }
  const size_t wanted = line.command == "diff" ? 2 : 1;
  if (line.paths.size() != wanted)
    return InvalidArgumentError("expected " + std::to_string(wanted) + " savepoint" + (wanted == 1 ? "" : "s") +
                                ", got " + std::to_string(line.paths.size()));
  return line;
}

StatusOr<StateTextForm> FormOf(const Line& line) {
  const bool is_list = line.command == "ls";
  if (line.format.empty()) return is_list ? StateTextForm::kTable : StateTextForm::kJson;
  if (line.format == "csv") return StateTextForm::kCsv;
  if (line.format == "json") return StateTextForm::kJson;
  if (line.format == "table" && is_list) return StateTextForm::kTable;
  return InvalidArgumentError("no format \"" + line.format + "\"");
}

Status RunList(FileSystem& files, const Line& line, StateTextForm form, TextSink& out) {
  WEIR_ASSIGN_OR_RETURN(const CompletedSnapshot snapshot, LoadSnapshot(files, line.paths[0], SnapshotCheck::kMetadata));
  return out(ListStates(snapshot, form));
}

Status RunDump(FileSystem& files, const Line& line, StateTextForm form, TextSink& out) {
  WEIR_ASSIGN_OR_RETURN(const CompletedSnapshot snapshot, LoadSnapshot(files, line.paths[0], SnapshotCheck::kSizes));
  return DumpStates(files, snapshot, line.filter, form, std::move(out));
}

StatusOr<uint64_t> RunDiff(FileSystem& files, const Line& line, StateTextForm form, TextSink& out) {
  WEIR_ASSIGN_OR_RETURN(const CompletedSnapshot before, LoadSnapshot(files, line.paths[0], SnapshotCheck::kSizes));
  WEIR_ASSIGN_OR_RETURN(const CompletedSnapshot after, LoadSnapshot(files, line.paths[1], SnapshotCheck::kSizes));
  return DiffStates(files, before, after, line.filter, form, std::move(out));
}

}  // namespace

int RunStateCommand(FileSystem& files, const std::vector<std::string>& arguments, TextSink out, TextSink error,
                    const std::string& program) {
  const auto fail = [&](const Status& status, const std::string& usage = {}) {
    error("error: " + program + ": " + std::string(status.message()) + "\n" + usage).ok();
    return usage.empty() ? kStateFailed : kStateBadUsage;
  };
  const StatusOr<Line> line = Parse(arguments);
  if (!line.ok()) return fail(line.status(), UsageOf(program));
  const StatusOr<StateTextForm> form = FormOf(*line);
  if (!form.ok()) return fail(form.status(), UsageOf(program));
  if (line->command == "diff") {
    const StatusOr<uint64_t> lines = RunDiff(files, *line, *form, out);
    if (!lines.ok()) return fail(lines.status());
    return *lines == 0 ? kStateDone : kStateDiffers;
  }
  const Status status = line->command == "ls" ? RunList(files, *line, *form, out) : RunDump(files, *line, *form, out);
  return status.ok() ? kStateDone : fail(status);
}

}  // namespace weir
