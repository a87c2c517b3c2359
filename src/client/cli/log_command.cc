// logs: what a job's processes on this machine have written, and go on writing.
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <utility>

#include "weir/base/file/file_path.h"
#include "weir/base/file/file_system.h"
#include "weir/base/file/rotated_file.h"
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
          .names_files = all || line.Has("log")};
}

// Prints what is new in the files of one folder.
class LogPrinter {
 public:
  LogPrinter(std::string folder, Choice choice) : folder_(std::move(folder)), choice_(choice) {}

  Status PrintNew() {
    WEIR_ASSIGN_OR_RETURN(const std::vector<FileInfo> found, files_.List(folder_));
    for (const FileInfo& file : found) {
      if (!IsSetAside(file.path) && choice_.Takes(file.path)) WEIR_RETURN_IF_ERROR(PrintNewOf(file.path));
    }
    std::fflush(stdout);
    return OkStatus();
  }

 private:
  Status PrintNewOf(const std::string& path) {
    FilePosition& printed = printed_[path];
    for (;;) {
      WEIR_ASSIGN_OR_RETURN(const FilePiece piece, ReadOn(path, printed, kPieceBytes));
      printed = piece.next;
      if (piece.has_gap) std::printf("(a part of %s is gone: it was rotated away)\n", path.c_str());
      if (piece.bytes.empty()) return OkStatus();
      // Which file the lines below come from.
      if (choice_.names_files && path != last_) {
        std::printf("==> %s <==\n", std::string(BaseName(path)).c_str());
        last_ = path;
      }
      std::fwrite(piece.bytes.data(), 1, piece.bytes.size(), stdout);
    }
  }

  LocalFileSystem files_;
  const std::string folder_;
  const Choice choice_;
  std::map<std::string, FilePosition> printed_;
  std::string last_;
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

// Until the job has ended, or the person has had enough.
Status Follow(LogPrinter& printer, JobManagerClient& client, JobId job) {
  for (;;) {
    // Asked first: what is written before the end is printed after it.
    const bool has_ended = HasEnded(client, job);
    const Status printed = printer.PrintNew();
    // The first process may not have been started yet.
    if (!printed.ok() && (printed.code() != StatusCode::kNotFound || has_ended)) return printed;
    if (has_ended) return OkStatus();
    Pause();
  }
}

}  // namespace

int LogsCommand(const ParsedLine& line) {
  const StatusOr<JobId> job = JobIdOf(line);
  if (!job.ok()) return Fail(job.status());
  const char* const given = std::getenv("WEIR_LOG_DIR");
  const std::string folder = (given != nullptr ? given : InstallFolder() + "/log") + "/jobs/" + job->ToHex();
  LogPrinter printer(folder, ChoiceOf(line));
  Status status;
  if (line.Has("follow")) {
    const StatusOr<Configuration> configuration = LoadConfiguration(line);
    if (!configuration.ok()) return Fail(configuration.status());
    const auto client = ConnectTo(*configuration);
    if (!client.ok()) return Fail(client.status());
    status = Follow(printer, **client, *job);
  } else {
    status = printer.PrintNew();
  }
  if (status.code() == StatusCode::kNotFound) {
    return Fail(NotFoundError("no process of job " + job->ToHex() + " has run on this machine: there is no folder " +
                              folder + ". $WEIR_LOG_DIR names another log folder."));
  }
  return status.ok() ? kDone : Fail(status);
}

}  // namespace weir::cli
