// Log files and threads of the JobManager, the TaskManagers and their workers.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "weir/base/crash/thread_stacks.h"
#include "weir/base/file/process.h"
#include "weir/jobmanager/rest/rest_context.h"
#include "weir/jobmanager/rest/rest_resources.h"
#include "weir/jobmanager/rest/task_json.h"
#include "weir/rpc/program/log_folder.h"

namespace weir {

namespace {

using nlohmann::json;
using Kind = TaskManagerQuestion::Kind;

// Of an answer to who follows: more comes with the next.
constexpr uint64_t kLongestPiece = uint64_t{1} << 20;
// A thread that gets a CPU answers within microseconds; others may have it.
constexpr Duration kStacksPatience{2000};
constexpr const char* kText = "text/plain; charset=UTF-8";

RestResponse LogListJson(const std::vector<LogFile>& files) {
  json logs = json::array();
  for (const LogFile& file : files)
    logs.push_back({{"name", file.name}, {"size", file.size}, {"mtime", file.modified_ms}});
  return JsonResponse({{"logs", logs}});
}

// As Java calls states; where the kernel has more, its letter.
std::string ShownState(const std::string& state) {
  if (state == "R") return "RUNNABLE";
  if (state == "S") return "WAITING";
  return state == "D" ? "BLOCKED" : state;
}

// Flink's shape, in which a thread is text as a Java program prints it.
RestResponse ThreadsJson(const std::vector<ThreadStack>& threads) {
  json shown = json::array();
  for (const ThreadStack& thread : threads) {
    std::string text = "\"" + thread.name + "\" Id=" + std::to_string(thread.id) + " " + ShownState(thread.state);
    text += " (" + thread.program + ", process " + std::to_string(thread.process) + ")\n";
    for (const std::string& frame : thread.frames) text += "\tat " + frame + "\n";
    if (!thread.note.empty()) text += "\t(no stack: " + thread.note + ")\n";
    shown.push_back({{"threadName", thread.name}, {"stringifiedThreadInfo", text + "\n"}});
  }
  return JsonResponse({{"threadInfos", shown}});
}

RestResponse FileOf(uint64_t size, std::function<StatusOr<std::string>(uint64_t, uint64_t)> read) {
  RestResponse response;
  response.content_type = kText;
  response.file = std::make_shared<const RestFile>(RestFile{.size = size, .read = std::move(read)});
  return response;
}

// `?follow=<position>`: what was written since an answer gave that position, even if the file was rotated. `?follow=` begins with the oldest there is.
RestResponse FollowedResponse(FilePiece piece) {
  RestResponse response;
  response.content_type = kText;
  response.body = std::move(piece.bytes);
  response.headers.emplace_back("X-Log-Position", piece.next.ToString());
  if (piece.has_gap) response.headers.emplace_back("X-Log-Gap", "true");
  return response;
}

StatusOr<FilePosition> PositionOf(const std::string& follow) {
  if (follow.empty()) return FilePosition();
  return FilePosition::Parse(follow);
}

// An embedded job writes its log to the terminal: there are no files.
StatusOr<RestResponse> OwnFile(const RestRequest& request, const std::string& name, const RestContext& context) {
  const LogFolder* const logs = context.logs();
  if (logs == nullptr)
    return NotFoundError("The file " + name + " does not exist: this program writes its log to its terminal");
  if (const std::optional<std::string> follow = request.Query("follow")) {
    WEIR_ASSIGN_OR_RETURN(const FilePosition from, PositionOf(*follow));
    WEIR_ASSIGN_OR_RETURN(FilePiece piece, logs->Follow(name, from, kLongestPiece));
    return FollowedResponse(std::move(piece));
  }
  WEIR_ASSIGN_OR_RETURN(const LogFile file, logs->Find(name));
  return FileOf(file.size, [logs, name](uint64_t offset, uint64_t length) { return logs->Read(name, offset, length); });
}

StatusOr<RestResponse> TaskManagerFile(const RestRequest& request, const std::string& name,
                                       const RestContext& context) {
  if (context.is_embedded()) {
    WEIR_RETURN_IF_ERROR(context.CheckTaskManager(request));
    return OwnFile(request, name, context);
  }
  if (const std::optional<std::string> follow = request.Query("follow")) {
    WEIR_ASSIGN_OR_RETURN(const FilePosition from, PositionOf(*follow));
    const TaskManagerQuestion question{
        .kind = Kind::kFollowLog, .name = name, .offset = from.offset, .length = kLongestPiece, .file = from.file};
    WEIR_ASSIGN_OR_RETURN(const std::string text, context.Ask(request, question));
    WEIR_ASSIGN_OR_RETURN(FilePiece piece, ParseFollowed(text));
    return FollowedResponse(std::move(piece));
  }
  WEIR_ASSIGN_OR_RETURN(const std::string list, context.Ask(request, {.kind = Kind::kLogs}));
  const std::vector<LogFile> files = ParseLogList(list);
  // Its own files come first, the log before what it has printed.
  const auto is_wanted = [&](const LogFile& file) {
    if (name == "log") return file.name.ends_with(".log");
    if (name == "stdout") return file.name.ends_with(".out") && file.name.starts_with("weir-");
    return file.name == name;
  };
  const auto found = std::ranges::find_if(files, is_wanted);
  if (found == files.end()) return NotFoundError("The file " + name + " does not exist on the TaskExecutor.");
  return FileOf(found->size, [&context, request, name = found->name](uint64_t offset, uint64_t length) {
    return context.Ask(request, {.kind = Kind::kReadLog, .name = name, .offset = offset, .length = length});
  });
}

}  // namespace

StatusOr<RestResponse> GetLogs(const RestRequest&, const RestContext& context) {
  return LogListJson(context.logs() == nullptr ? std::vector<LogFile>() : context.logs()->List());
}

StatusOr<RestResponse> GetLog(const RestRequest& request, const RestContext& context) {
  return OwnFile(request, "log", context);
}
StatusOr<RestResponse> GetStdout(const RestRequest& request, const RestContext& context) {
  return OwnFile(request, "stdout", context);
}
StatusOr<RestResponse> GetNamedLog(const RestRequest& request, const RestContext& context) {
  return OwnFile(request, request.Parameter("name"), context);
}

StatusOr<RestResponse> GetTaskManagerLogs(const RestRequest& request, const RestContext& context) {
  if (context.is_embedded()) {
    WEIR_RETURN_IF_ERROR(context.CheckTaskManager(request));
    return GetLogs(request, context);
  }
  WEIR_ASSIGN_OR_RETURN(const std::string list, context.Ask(request, {.kind = Kind::kLogs}));
  return LogListJson(ParseLogList(list));
}

StatusOr<RestResponse> GetTaskManagerLog(const RestRequest& request, const RestContext& context) {
  return TaskManagerFile(request, "log", context);
}
StatusOr<RestResponse> GetTaskManagerStdout(const RestRequest& request, const RestContext& context) {
  return TaskManagerFile(request, "stdout", context);
}
StatusOr<RestResponse> GetTaskManagerNamedLog(const RestRequest& request, const RestContext& context) {
  return TaskManagerFile(request, request.Parameter("name"), context);
}

StatusOr<RestResponse> GetThreads(const RestRequest&, const RestContext& context) {
  const char* const program = context.is_embedded() ? "the program" : "JobManager";
  std::vector<ThreadStack> threads = TakeThreadStacks(program, kStacksPatience);
  if (context.is_embedded()) return ThreadsJson(threads);
  for (const int child : ChildProcesses()) {
    const auto of_child = ThreadsWithoutStacks(child, "program of a job", "only TaskManagers' workers can be asked");
    threads.insert(threads.end(), of_child.begin(), of_child.end());
  }
  return ThreadsJson(threads);
}

StatusOr<RestResponse> GetTaskManagerThreads(const RestRequest& request, const RestContext& context) {
  if (context.is_embedded()) {
    WEIR_RETURN_IF_ERROR(context.CheckTaskManager(request));
    return GetThreads(request, context);
  }
  WEIR_ASSIGN_OR_RETURN(const std::string threads, context.Ask(request, {.kind = Kind::kThreads}));
  return ThreadsJson(ParseThreadStacks(threads));
}

}  // namespace weir
