#include "weir/connectors/file/file_enumerator.h"

#include <algorithm>
#include <utility>

#include "weir/base/file/path_glob.h"
#include "weir/connectors/file/byte_input.h"
#include "weir/connectors/file/file_listing.h"

namespace weir {

namespace {

// Smaller splits are not worth opening a file for.
constexpr int64_t kMinSplitBytes = int64_t{1} << 20;

}  // namespace

FileEnumerator::FileEnumerator(FileDiscovery discovery, const FileEnumeratorState* restored)
    : discovery_(std::move(discovery)), restored_(restored != nullptr) {
  if (restored == nullptr) return;
  waiting_.assign(restored->waiting.begin(), restored->waiting.end());
  seen_ = restored->seen;
}

Status FileEnumerator::Start(EnumeratorContext& context) {
  WEIR_RETURN_IF_ERROR(SplitEnumerator::Start(context));
  if (!restored_) WEIR_RETURN_IF_ERROR(Discover());
  if (continuous()) context.CallLater(discovery_.interval);
  return OkStatus();
}

Status FileEnumerator::Discover() {
  WEIR_ASSIGN_OR_RETURN(std::vector<FileInfo> files, ListInputFiles(context().file_system(), discovery_.path));
  if (!continuous()) {
    if (files.empty() && IsGlobPattern(discovery_.path)) {
      return NotFoundError("cannot read \"" + discovery_.path + "\": no file matches this pattern.");
    }
    // A file that may not be read is found now, not when some machine comes to it.
    if (!files.empty()) WEIR_RETURN_IF_ERROR(OpenByteInput(context().file_system(), files[0].path, 0).status());
  }
  int64_t total = 0;
  for (const FileInfo& file : files) total += static_cast<int64_t>(file.size);
  // Small inputs are cut finer, so that every reader gets a part.
  const int64_t fair = std::max(total / std::max(context().parallelism(), 1), kMinSplitBytes);
  for (const FileInfo& file : files) {
    if (continuous()) {
      const auto at = std::lower_bound(seen_.begin(), seen_.end(), file.path);
      if (at != seen_.end() && *at == file.path) continue;
      seen_.insert(at, file.path);
    }
    AddSplits(file, std::min(discovery_.split_bytes, fair));
  }
  return OkStatus();
}

void FileEnumerator::AddSplits(const FileInfo& file, int64_t split_bytes) {
  const int64_t size = static_cast<int64_t>(file.size);
  if (split_bytes <= 0 || size <= split_bytes || CompressionOf(file.path) != Compression::kNone) {
    waiting_.push_back({.path = file.path, .file_bytes = size});
    return;
  }
  for (int64_t begin = 0; begin < size; begin += split_bytes) {
    const bool last = size - begin <= split_bytes;
    FileSplit split{.path = file.path, .begin = begin};
    // The last split has no end: what is appended while the file is read belongs to it.
    if (!last) split.end = begin + split_bytes;
    split.file_bytes = std::min(split_bytes, size - begin);
    waiting_.push_back(std::move(split));
  }
}

void FileEnumerator::HandleSplitRequest(int subtask) {
  if (!waiting_.empty()) {
    AssignSplit(subtask, waiting_.front());
    waiting_.pop_front();
  } else if (!continuous()) {
    context().SignalNoMoreSplits(subtask);
  } else {
    hungry_readers_.push_back(subtask);
  }
}

Status FileEnumerator::AddSplitsBack(std::vector<FileSplit> splits, int subtask) {
  std::erase(hungry_readers_, subtask);
  waiting_.insert(waiting_.begin(), splits.begin(), splits.end());
  ServeWaitingReaders();
  return OkStatus();
}

void FileEnumerator::OnTimer() {
  if (Status status = Discover(); !status.ok()) return context().Fail(std::move(status));
  ServeWaitingReaders();
  context().CallLater(discovery_.interval);
}

void FileEnumerator::ServeWaitingReaders() {
  std::vector<int> readers = std::exchange(hungry_readers_, {});
  for (const int reader : readers) HandleSplitRequest(reader);
}

FileEnumeratorState FileEnumerator::SnapshotState() {
  return {.waiting = {waiting_.begin(), waiting_.end()}, .seen = seen_};
}

}  // namespace weir
