#include "weir/state/storage/local_copies.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <utility>

#include "weir/base/file/file_contents.h"
#include "weir/base/file/file_links.h"
#include "weir/base/file/file_path.h"
#include "weir/base/logging.h"
#include "weir/state/storage/state_file.h"

namespace weir {

namespace {

constexpr uint64_t kCopyBytes = 1 << 20;  // at a time
constexpr char kFolder[] = "weir-local-state";

// Processes of other machines may have the same numbers, where the folder is shared.
std::string HostPrefix() {
  char name[256] = {};
  if (gethostname(name, sizeof(name) - 1) != 0) return "localhost-";
  return std::string(name) + "-";
}

bool IsAlive(int process) { return kill(process, 0) == 0 || errno != ESRCH; }

// Removes the folders of processes of this machine that are gone.
void Sweep(FileSystem& files, const std::string& directory, const std::string& host) {
  const StatusOr<std::vector<FileInfo>> found = files.List(directory);
  if (!found.ok()) return;
  for (const FileInfo& folder : *found) {
    std::string_view name = BaseName(folder.path);
    if (!name.starts_with(host)) continue;
    name.remove_prefix(host.size());
    int owner = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), owner);
    const bool is_ours = error == std::errc() && end != name.data() + name.size() && *end == '-' && owner > 0;
    // What stays costs disk space only, and is looked at again by the next.
    if (is_ours && !IsAlive(owner)) files.DeleteRecursively(folder.path).ok();
  }
}

}  // namespace

StatusOr<std::unique_ptr<LocalCopies>> LocalCopies::Open(FileSystem& files, const std::string& root, int owner,
                                                         const JobId& job) {
  const std::string directory = JoinPath(root, kFolder);
  const std::string host = HostPrefix();
  Sweep(files, directory, host);
  const std::string folder = JoinPath(directory, host + std::to_string(owner) + "-" + job.ToHex());
  WEIR_RETURN_IF_ERROR(files.CreateDirectories(folder));
  return std::unique_ptr<LocalCopies>(new LocalCopies(files, folder));
}

std::string LocalCopies::CopyOf(const std::string& path) const {
  return JoinPath(folder_, std::string(BaseName(path)));
}

void LocalCopies::Keep(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    const Status copied = Copy(path);
    if (!copied.ok()) WEIR_LOG(kWarning, "no local copy of {} is kept: {}", path, copied.message());
  }
}

Status LocalCopies::Copy(const std::string& path) {
  // A second name costs nothing; where it cannot be had, the bytes are copied.
  if (AddNameOf(path, files_, CopyOf(path)).ok()) return OkStatus();
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<ReadableFile> in, files_.OpenForRead(path));
  WEIR_ASSIGN_OR_RETURN(const uint64_t length, in->Size());
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<WritableFile> out,
                        files_.OpenForWrite(CopyOf(path), WriteMode::kTruncate));
  for (uint64_t offset = 0; offset < length; offset += kCopyBytes) {
    WEIR_ASSIGN_OR_RETURN(const std::string bytes, ReadExactly(*in, offset, std::min(kCopyBytes, length - offset)));
    WEIR_RETURN_IF_ERROR(out->Append(bytes));
  }
  return out->Close();  // not synced: after a crash of the machine it is missing or damaged, and that is seen
}

void LocalCopies::Drop(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) files_.Delete(CopyOf(path)).ok();
}

int LocalCopies::Use(OperatorSubtaskState& state) {
  int used = 0;
  ForEachSubtaskFile(state, [&](StateFile& file) {
    StateFile copy = file;
    copy.path = CopyOf(file.path);
    const StatusOr<bool> is_there = files_.Exists(copy.path);
    if (!is_there.ok() || !*is_there) return;
    const Status intact = CheckStateFile(files_, copy, /*read_all=*/true);
    if (!intact.ok()) {
      WEIR_LOG(kWarning, "a local copy is not used: {}; {} is read", intact.message(), file.path);
      files_.Delete(copy.path).ok();
      return;
    }
    file.path = std::move(copy.path);
    ++used;
  });
  return used;
}

void LocalCopies::RemoveAll() { files_.DeleteRecursively(folder_).ok(); }

}  // namespace weir
