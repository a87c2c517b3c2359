// logs: what a job's processes have written, and go on writing, on whichever machine.
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <utility>

#include "weir/base/file/file_path.h"
#include "weir/base/file/file_system.h"
#include "weir/base/file/rotated_file.h"
#include "weir/base/json_writer.h"
#include "weir/base/mutex.h"
#include "weir/client/cli/command.h"
#include "weir/rpc/pending_reply.h"

namespace weir::cli {
namespace {

constexpr Duration kLook{200};
constexpr size_t kPieceBytes = 64 * 1024;

// Which of a process's files are wanted.
struct Choice {
  bool output = true;
  bool errors = true;
  bool logs = true;
  bool names_files = true;
  bool as_json = false;

  bool Takes(std::string_view path) const {
    if (path.ends_with(".out")) return output;
    // A crash's report is about the process as its log is.
    return path.ends_with(".err") ? errors : logs;
  }
};

Choice ChoiceOf(const ParsedLine& line) {
  const bool all = !line.Has("stdout") && !line.Has("stderr") && !line.Has("log");
  return {.output = all || line.Has("stdout"),
          .errors = all || line.Has("stderr"),
          .logs = all || line.Has("log"),
          .names_files = all || line.Has("log"),
          .as_json = line.Has("json")};
}

// Prints what is new in a job's files: those in a folder of this machine, and those that only the JobManager reaches.
class LogPrinter {
 public:
  LogPrinter(JobId job, std::string folder, Choice choice) : job_(job), folder_(std::move(folder)), choice_(choice) {}

  // Files of other machines, too. Must outlive the printer.
  void AlsoAsk(JobManagerClient* client) { client_ = client; }
  bool has_found_any() const { return !printed_.empty(); }
  // Nothing more comes: lines without an end are lines.
  void End() {
    for (const auto& [name, line] : begun_) {
      if (!line.empty()) PrintLine(name, line);
    }
  }

  Status PrintNew() {
    const Status here = PrintNewHere();
    if (!here.ok() && here.code() != StatusCode::kNotFound) return here;
    const Status elsewhere = client_ == nullptr ? OkStatus() : PrintNewElsewhere();
    std::fflush(stdout);
    return elsewhere;
  }

 private:
  using ReadMore = UniqueFunction<StatusOr<FilePiece>(FilePosition)>;

  Status PrintNewHere() {
    WEIR_ASSIGN_OR_RETURN(const std::vector<FileInfo> found, files_.List(folder_));
    for (const FileInfo& file : found) {
      const std::string name(BaseName(file.path));
      if (IsSetAside(name) || !choice_.Takes(name)) continue;
      WEIR_RETURN_IF_ERROR(
          PrintNewOf(name, [&file](FilePosition from) { return ReadOn(file.path, from, kPieceBytes); }));
    }
    return OkStatus();
  }

  Status PrintNewElsewhere() {
    WEIR_ASSIGN_OR_RETURN(const std::vector<JobLogFile> found, client_->ListLogs(job_));
    const std::string prefix = job_.ToHex() + "_";
    for (const JobLogFile& file : found) {
      // As the file is called in its folder. One of this machine has been read there; TaskManagers' ids, and so the names, are unlike each other.
      const std::string name = file.name.substr(std::min(prefix.size(), file.name.size()));
      if (IsSetAside(name) || !choice_.Takes(name) || files_.Exists(folder_ + "/" + name).ValueOr(false)) continue;
      const Status printed =
          PrintNewOf(name, [&](FilePosition from) { return client_->FollowLog(file, from, kPieceBytes); });
      // Its TaskManager has just gone.
      if (!printed.ok() && printed.code() != StatusCode::kNotFound) return printed;
    }
    return OkStatus();
  }

  Status PrintNewOf(const std::string& name, ReadMore read_more) {
    FilePosition& printed = printed_[name];
    for (;;) {
      WEIR_ASSIGN_OR_RETURN(const FilePiece piece, read_more(printed));
      printed = piece.next;
      if (choice_.as_json) {
        if (piece.bytes.empty()) return OkStatus();
        PrintLines(name, piece.bytes);
        continue;
      }
      if (piece.has_gap) std::printf("(a part of %s is gone: it was rotated away)\n", name.c_str());
      if (piece.bytes.empty()) return OkStatus();
      // Which file the lines below come from.
      if (choice_.names_files && name != last_) {
        std::printf("==> %s <==\n", name.c_str());
        last_ = name;
      }
      std::fwrite(piece.bytes.data(), 1, piece.bytes.size(), stdout);
    }
  }

  // An object for each line that is whole.
  void PrintLines(const std::string& name, const std::string& bytes) {
    std::string& begun = begun_[name];
    begun += bytes;
    size_t begin = 0;
    for (size_t end; (end = begun.find('\n', begin)) != std::string::npos; begin = end + 1) {
      PrintLine(name, begun.substr(begin, end - begin));
    }
    begun.erase(0, begin);
  }
  static void PrintLine(const std::string& name, const std::string& line) {
    JsonWriter json;
    json.BeginObject().Field("file", name).Field("line", line).EndObject();
    std::printf("%s\n", std::move(json).Take().c_str());
  }

  LocalFileSystem files_;
  const JobId job_;
  const std::string folder_;
  const Choice choice_;
  JobManagerClient* client_ = nullptr;
  std::map<std::string, FilePosition> printed_;
  std::string last_;
  std::map<std::string, std::string> begun_;  // as JSON: the line of each file that has no end yet
};

bool HasEnded(JobManagerClient& client, JobId job) {
  PendingReply<JobDetails> details;
  client.RequestJobDetails(job, details.NewReply());
  const StatusOr<JobDetails> known = details.Wait();
  // Without a JobManager nobody knows; what is written is printed all the same.
  return known.ok() ? IsGloballyTerminal(known->overview.status) : known.status().code() == StatusCode::kNotFound;
}

void Pause() {
  Mutex mutex;
  CondVar never;
  MutexLock lock(mutex);
  never.WaitFor(mutex, kLook);
}

// Whether anybody reads what is printed; `head` and pagers end when they have enough.
bool HasReader() {
  pollfd output{.fd = STDOUT_FILENO, .events = 0, .revents = 0};
  return std::ferror(stdout) == 0 && (poll(&output, 1, 0) <= 0 || (output.revents & POLLERR) == 0);
}

// Until the job has ended, or the person has had enough.
Status Follow(LogPrinter& printer, JobManagerClient& client, JobId job) {
  while (HasReader()) {
    // Asked first: what is written before the end is printed after it.
    const bool has_ended = HasEnded(client, job);
    const Status printed = printer.PrintNew();
    // The first process may not have been started yet.
    if (has_ended) return printed;
    // A JobManager that is away for a while comes back, and with it what other machines have written meanwhile.
    if (!printed.ok() && printed.code() != StatusCode::kUnavailable) return printed;
    Pause();
  }
  return OkStatus();
}

}  // namespace

int LogsCommand(const ParsedLine& line) {
  const StatusOr<JobId> job = JobIdOf(line);
  if (!job.ok()) return Misuse(line, std::string(job.status().message()));
  const char* const given = std::getenv("WEIR_LOG_DIR");
  const std::string folder = (given != nullptr ? given : InstallFolder() + "/log") + "/jobs/" + job->ToHex();
  LogPrinter printer(*job, folder, ChoiceOf(line));
  const StatusOr<Configuration> configuration = LoadConfiguration(line);
  if (!configuration.ok()) return Fail(configuration.status());
  const auto client = ConnectTo(*configuration);
  if (!client.ok()) return Fail(client.status());
  printer.AlsoAsk(client->get());
  const Status status = line.Has("follow") ? Follow(printer, **client, *job) : printer.PrintNew();
  printer.End();
  if (status.ok() && printer.has_found_any()) return kDone;
  if (status.ok()) {
    return Fail(NotFoundError("no process of job " + job->ToHex() + " has written anything: no TaskManager that is " +
                              "connected has files of it, and there is no folder " + folder +
                              ". $WEIR_LOG_DIR names another log folder."));
  }
  if (!printer.has_found_any()) return Fail(status);
  std::fprintf(stderr, "these are the files of this machine alone: %s\n", std::string(status.message()).c_str());
  return kDone;
}

}  // namespace weir::cli
