// The log files of one daemon: its own, and those of the jobs' processes that it has started.
//
//   log/weir-me-taskmanager-0-host.log      its own: "log"; with .out what it and its libraries print: "stdout"; .1.log and so on: what rotation has set aside
//   log/jobs/<job>/<prefix>-1.log           of a job's process, listed as "<job>_<prefix>-1.log"; with .out and .err what it prints
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "weir/base/file/file_system.h"
#include "weir/base/file/rotated_file.h"
#include "weir/base/status.h"

namespace weir {

struct LogFile {
  std::string name;
  std::string path;
  uint64_t size = 0;
  int64_t modified_ms = 0;  // wall time
};

struct LogFolderOptions {
  FileSystem* files = nullptr;
  std::string own_log;      // its path; empty: it writes none
  std::string jobs_folder;  // a folder per job below it
  std::string job_prefix;   // of the files there that are this daemon's
};

// Threads: any.
class LogFolder {
 public:
  explicit LogFolder(LogFolderOptions options) : options_(std::move(options)) {}

  // Its own, its log first; then those of jobs, the newest first.
  std::vector<LogFile> List() const;
  // One of the files that List names; "log" and "stdout" are its own. kNotFound: no other path is ever opened.
  StatusOr<LogFile> Find(const std::string& name) const;
  // At most `length` bytes from `offset` on; fewer at the end.
  StatusOr<std::string> Read(const std::string& name, uint64_t offset, uint64_t length) const;
  // What was written after `from`, also if the file was rotated since.
  StatusOr<FilePiece> Follow(const std::string& name, FilePosition from, uint64_t length) const;

 private:
  std::vector<LogFile> Own() const;

  const LogFolderOptions options_;
};

// Where this process logs, if that is a file; else empty. Log lines that go to stderr are in a file if stderr is one.
std::string OwnLogFile();

// As it travels between daemons: a line per file, "<size> <modified> <name>".
std::string LogListText(const std::vector<LogFile>& files);
std::vector<LogFile> ParseLogList(const std::string& text);
// "<position> <1: has a gap>\n" and the bytes.
std::string FollowedText(const FilePiece& piece);
StatusOr<FilePiece> ParseFollowed(std::string_view text);

}  // namespace weir
