#include "weir/base/file/file_contents.h"

#include <algorithm>

#include "weir/base/file/file_path.h"

namespace weir {
namespace {

// The first piece holds what files under /proc say, which is read again and again; memory for more would have to be cleared each time.
constexpr size_t kFirstPiece = 4 * 1024;
constexpr size_t kLongestPiece = 256 * 1024;

Status WriteAndSync(FileSystem& files, const std::string& path, std::string_view content) {
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<WritableFile> file, files.OpenForWrite(path, WriteMode::kTruncate));
  WEIR_RETURN_IF_ERROR(file->Append(content));
  WEIR_RETURN_IF_ERROR(file->Sync());
  return file->Close();
}

}  // namespace

StatusOr<std::string> ReadWholeFile(FileSystem& files, const std::string& path, uint64_t limit) {
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<ReadableFile> file, files.OpenForRead(path));
  std::string content;
  // By pieces, not by Size(): files under /proc say 0.
  for (size_t piece = kFirstPiece;; piece = std::min(2 * piece, kLongestPiece)) {
    const size_t before = content.size();
    content.resize(before + piece);
    WEIR_ASSIGN_OR_RETURN(const size_t got, file->Read(std::span(content).subspan(before)));
    content.resize(before + got);
    if (got == 0) return content;
    if (content.size() > limit) {
      return ResourceExhaustedError("file " + path + " is longer than the " + std::to_string(limit) +
                                    " bytes that may be read at once");
    }
  }
}

StatusOr<std::string> ReadExactly(const ReadableFile& file, uint64_t offset, size_t length) {
  WEIR_ASSIGN_OR_RETURN(const uint64_t size, file.Size());
  if (offset > size || length > size - offset) {
    return DataLossError("file " + file.path() + " has " + std::to_string(size) + " bytes; " + std::to_string(length) +
                         " were expected at offset " + std::to_string(offset) + ": it is cut short");
  }
  std::string bytes(length, '\0');
  WEIR_ASSIGN_OR_RETURN(const size_t got, file.ReadAt(offset, bytes));
  if (got != length) return DataLossError("file " + file.path() + " became shorter while it was read");
  return bytes;
}

Status WriteFileAtomically(FileSystem& files, const std::string& path, std::string_view content) {
  const std::string temporary = path + ".tmp";
  Status status = WriteAndSync(files, temporary, content);
  if (status.ok()) status = files.Rename(temporary, path);
  if (!status.ok()) {
    files.Delete(temporary).ok();  // best effort: the first error is the one to report
    return status;
  }
  return files.SyncDirectory(DirectoryName(path));
}

}  // namespace weir
