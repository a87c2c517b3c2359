// The log files of one daemon: its own, and those of the jobs' processes that it has started.
//
//   log/weir-me-taskmanager-0-host.log      its own: "log"; with .out what it and its libraries print: "stdout"
//   log/jobs/<job>/<prefix>-1.err           of a job's process, listed as "<job>_<prefix>-1.err"
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "weir/base/file/file_system.h"
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

  // Its own, then those of jobs, the newest first.
  std::vector<LogFile> List() const;
  // One of the files that List names; "log" and "stdout" are its own. kNotFound: no other path is ever opened.
  StatusOr<LogFile> Find(const std::string& name) const;
  // At most `length` bytes from `offset` on; fewer at the end.
  StatusOr<std::string> Read(const std::string& name, uint64_t offset, uint64_t length) const;

 private:
  std::vector<LogFile> Own() const;

  const LogFolderOptions options_;
};

// Where the error output of this process goes, if that is a file; else empty.
std::string OwnErrorFile();

// As it travels between daemons: a line per file, "<size> <modified> <name>".
std::string LogListText(const std::vector<LogFile>& files);
std::vector<LogFile> ParseLogList(const std::string& text);

}  // namespace weir
