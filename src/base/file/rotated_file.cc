#include "weir/base/file/rotated_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <utility>
#include <vector>

#include "weir/base/errno_status.h"

namespace weir {
namespace {

constexpr std::string_view kEnding = ".log";
// More than any configuration keeps.
constexpr int kMostFiles = 1001;

class OpenFile {
 public:
  explicit OpenFile(const std::string& path) : descriptor_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) {
    struct stat status{};
    if (descriptor_ >= 0 && fstat(descriptor_, &status) == 0) {
      inode_ = status.st_ino;
      size_ = static_cast<uint64_t>(status.st_size);
    }
  }
  ~OpenFile() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  OpenFile(OpenFile&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)), inode_(other.inode_), size_(other.size_) {}
  OpenFile& operator=(OpenFile&&) = delete;

  bool is_open() const { return descriptor_ >= 0; }
  uint64_t inode() const { return inode_; }
  uint64_t size() const { return size_; }

  Status Append(uint64_t offset, uint64_t length, std::string& to) const {
    const size_t before = to.size();
    to.resize(before + length);
    ssize_t taken = -1;
    do {
      taken = pread(descriptor_, to.data() + before, length, static_cast<off_t>(offset));
    } while (taken < 0 && errno == EINTR);
    to.resize(before + static_cast<size_t>(std::max<ssize_t>(taken, 0)));
    return taken < 0 ? ErrnoError(errno, "cannot read a log file") : OkStatus();
  }

 private:
  int descriptor_;
  uint64_t inode_ = 0;
  uint64_t size_ = 0;
};

std::string Generation(const std::string& path, int number) {
  if (number == 0) return path;
  return path.substr(0, path.size() - kEnding.size()) + "." + std::to_string(number) + std::string(kEnding);
}

// The newest first, down to that with `inode`. Files only grow older: going that way none is missed, though one may be met twice.
std::vector<OpenFile> OpenDownTo(const std::string& path, uint64_t inode) {
  std::vector<OpenFile> files;
  const int most = path.ends_with(kEnding) ? kMostFiles : 1;
  bool is_hole = false;
  for (int number = 0; number < most; ++number) {
    OpenFile file(Generation(path, number));
    // Between two steps of a rotation one is missing: the oldest is renamed first, the newest last.
    if (!file.is_open() && std::exchange(is_hole, true)) break;
    if (!file.is_open()) continue;
    is_hole = false;
    const bool is_twice = !files.empty() && files.back().inode() == file.inode();
    const bool is_last = file.inode() == inode;
    if (!is_twice) files.push_back(std::move(file));
    if (is_last) break;
  }
  return files;
}

}  // namespace

std::string FilePosition::ToString() const { return std::to_string(file) + "-" + std::to_string(offset); }

StatusOr<FilePosition> FilePosition::Parse(std::string_view text) {
  FilePosition position;
  const char* const end = text.data() + text.size();
  const auto file = std::from_chars(text.data(), end, position.file);
  if (file.ec == std::errc() && file.ptr != end && *file.ptr == '-') {
    const auto offset = std::from_chars(file.ptr + 1, end, position.offset);
    if (offset.ec == std::errc() && offset.ptr == end) return position;
  }
  return InvalidArgumentError("\"" + std::string(text) +
                              "\" is no position in a log; expected what an answer gave, as 12-345");
}

StatusOr<FilePiece> ReadOn(const std::string& path, FilePosition from, uint64_t length) {
  const std::vector<OpenFile> files = OpenDownTo(path, from.file);
  if (files.empty()) return NotFoundError("there is no file " + path);
  FilePiece piece;
  const bool is_known = files.back().inode() == from.file;
  piece.has_gap = from.file != 0 && !is_known;
  piece.next = is_known ? from : FilePosition{.file = files.back().inode(), .offset = 0};
  // Emptied by somebody: it begins anew.
  if (is_known && files.back().size() < from.offset) piece.next.offset = 0;
  for (auto file = files.rbegin(); file != files.rend(); ++file) {
    if (file->inode() != piece.next.file) piece.next = {.file = file->inode(), .offset = 0};
    const size_t before = piece.bytes.size();
    WEIR_RETURN_IF_ERROR(file->Append(piece.next.offset, length - before, piece.bytes));
    piece.next.offset += piece.bytes.size() - before;
    if (piece.bytes.size() == length) break;
  }
  return piece;
}

StatusOr<FilePosition> EndOf(const std::string& path) {
  const OpenFile file(path);
  if (!file.is_open()) return NotFoundError("there is no file " + path);
  return FilePosition{.file = file.inode(), .offset = file.size()};
}

bool IsSetAside(std::string_view path) {
  if (!path.ends_with(kEnding)) return false;
  path.remove_suffix(kEnding.size());
  const size_t dot = path.rfind('.');
  return dot != std::string_view::npos && dot + 1 < path.size() &&
         path.find_first_not_of("0123456789", dot + 1) == std::string_view::npos;
}

}  // namespace weir
