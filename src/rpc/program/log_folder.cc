#include "weir/rpc/program/log_folder.h"

#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>

#include "weir/base/file/file_path.h"
#include "weir/base/logging.h"
#include "weir/base/time.h"

namespace weir {
namespace {

constexpr std::string_view kLogEnding = ".log";
constexpr int kMostLooks = 3;

LogFile Entry(const FileInfo& info, std::string name) {
  return {.name = std::move(name), .path = info.path, .size = info.size, .modified_ms = ToEventTime(info.modified)};
}

std::string WithoutEnding(const std::string& path) {
  return path.ends_with(kLogEnding) ? path.substr(0, path.size() - kLogEnding.size()) : path;
}

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

}  // namespace

std::vector<LogFile> LogFolder::Own() const {
  std::vector<LogFile> own;
  if (options_.own_log.empty()) return own;
  // With those that rotation has left: <name>.1.log and so on.
  const std::string stem(BaseName(WithoutEnding(options_.own_log)));
  for (const FileInfo& info : options_.files->List(FolderOf(options_.own_log)).ValueOr({})) {
    const std::string name(BaseName(info.path));
    if (info.IsFile() && name.starts_with(stem + ".")) own.push_back(Entry(info, name));
  }
  const std::string log(BaseName(options_.own_log));
  const auto found = std::ranges::find(own, log, &LogFile::name);
  if (found != own.end()) std::rotate(own.begin(), found, found + 1);
  return own;
}

std::vector<LogFile> LogFolder::List() const {
  std::vector<LogFile> files = Own();
  const size_t own = files.size();
  for (const FileInfo& job : options_.files->List(options_.jobs_folder).ValueOr({})) {
    if (!job.IsDirectory()) continue;
    for (const FileInfo& info : options_.files->List(job.path).ValueOr({})) {
      const std::string name(BaseName(info.path));
      if (!info.IsFile() || !name.starts_with(options_.job_prefix)) continue;
      files.push_back(Entry(info, std::string(BaseName(job.path)) + "_" + name));
    }
  }
  std::sort(files.begin() + static_cast<std::ptrdiff_t>(own), files.end(),
            [](const LogFile& a, const LogFile& b) { return a.modified_ms > b.modified_ms; });
  return files;
}

StatusOr<LogFile> LogFolder::Find(const std::string& name) const {
  std::string wanted = name;
  if (name == "log") wanted = std::string(BaseName(options_.own_log));
  if (name == "stdout") wanted = std::string(BaseName(WithoutEnding(options_.own_log))) + ".out";
  std::vector<LogFile> files = List();
  const auto found = std::ranges::find(files, wanted, &LogFile::name);
  if (found != files.end()) return std::move(*found);
  // Between two steps of a rotation the newest is missing; where it will be, the one before tells.
  constexpr std::string_view kBefore = ".1.log";
  const auto before = std::ranges::find(files, WithoutEnding(wanted) + std::string(kBefore), &LogFile::name);
  if (wanted.ends_with(kLogEnding) && before != files.end()) {
    const std::string stem = before->path.substr(0, before->path.size() - kBefore.size());
    return LogFile{
        .name = wanted, .path = stem + std::string(kLogEnding), .size = 0, .modified_ms = before->modified_ms};
  }
  return NotFoundError("The file " + name + " does not exist here.");
}

StatusOr<std::string> LogFolder::Read(const std::string& name, uint64_t offset, uint64_t length) const {
  WEIR_ASSIGN_OR_RETURN(const LogFile file, Find(name));
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<ReadableFile> opened, options_.files->OpenForRead(file.path));
  std::string bytes(length, '\0');
  WEIR_ASSIGN_OR_RETURN(const size_t read, opened->ReadAt(offset, bytes));
  bytes.resize(read);
  return bytes;
}

StatusOr<FilePiece> LogFolder::Follow(const std::string& name, FilePosition from, uint64_t length) const {
  const bool is_own = name == "log" || name == BaseName(options_.own_log);
  if (is_own && !options_.own_log.empty()) return ReadOn(options_.own_log, from, length);
  StatusOr<LogFile> file = Find(name);
  // Names that change while a folder is read may be missing in the list.
  for (int i = 1; i < kMostLooks && !file.ok(); ++i) file = Find(name);
  WEIR_RETURN_IF_ERROR(file.status());
  return ReadOn(file->path, from, length);
}

std::string OwnLogFile() {
  if (std::string file = LogFilePath(); !file.empty()) return file;
  char path[PATH_MAX];
  const ssize_t length = readlink("/proc/self/fd/2", path, sizeof(path));
  struct stat status{};
  if (length <= 0 || fstat(STDERR_FILENO, &status) != 0 || !S_ISREG(status.st_mode)) return {};
  return std::string(path, static_cast<size_t>(length));
}

std::string LogListText(const std::vector<LogFile>& files) {
  std::string text;
  for (const LogFile& file : files) {
    text += std::to_string(file.size) + " " + std::to_string(file.modified_ms) + " " + file.name + "\n";
  }
  return text;
}

std::string FollowedText(const FilePiece& piece) {
  return piece.next.ToString() + (piece.has_gap ? " 1\n" : " 0\n") + piece.bytes;
}

StatusOr<FilePiece> ParseFollowed(std::string_view text) {
  const size_t end = text.find('\n');
  const std::string_view head = text.substr(0, end);
  const size_t blank = head.find(' ');
  if (end == std::string_view::npos || blank == std::string_view::npos) {
    return DataLossError("a TaskManager's answer is no piece of a log");
  }
  WEIR_ASSIGN_OR_RETURN(const FilePosition next, FilePosition::Parse(head.substr(0, blank)));
  return FilePiece{.bytes = std::string(text.substr(end + 1)), .next = next, .has_gap = head.substr(blank + 1) == "1"};
}

std::vector<LogFile> ParseLogList(const std::string& text) {
  std::vector<LogFile> files;
  std::istringstream lines(text);
  LogFile file;
  while (lines >> file.size >> file.modified_ms && lines.get() == ' ' && std::getline(lines, file.name)) {
    files.push_back(file);
  }
  return files;
}

}  // namespace weir
