#include "weir/connectors/file/file_cursor.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

namespace weir {

namespace {

int64_t CountLines(const char* begin, const char* end) { return std::count(begin, end, '\n'); }

// Line ends in the first `bytes` unpacked bytes of the file.
StatusOr<int64_t> CountLinesInFile(FileSystem& file_system, const std::string& path, int64_t bytes) {
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<ByteInput> input, OpenByteInput(file_system, path, 0));
  std::vector<char> buffer(BlockReader::kDefaultBlockBytes);
  int64_t lines = 0;
  while (bytes > 0) {
    const size_t wanted = static_cast<size_t>(std::min<int64_t>(bytes, static_cast<int64_t>(buffer.size())));
    WEIR_ASSIGN_OR_RETURN(const size_t read, input->Read(buffer.data(), wanted));
    if (read == 0) break;
    lines += CountLines(buffer.data(), buffer.data() + read);
    bytes -= static_cast<int64_t>(read);
  }
  return lines;
}

}  // namespace

FileCursor::FileCursor(FileSystem& file_system, FileSplit split, std::unique_ptr<ByteInput> input, uint32_t block_bytes)
    : file_system_(file_system), split_(std::move(split)), blocks_(std::move(input), split_.position, block_bytes) {}

StatusOr<std::unique_ptr<FileCursor>> FileCursor::Open(FileSystem& file_system, FileSplit split, uint32_t block_bytes) {
  const bool begins_inside = split.position < 0 && split.begin > 0;
  if (split.position < 0) {
    // One byte early: if that is a line end, the line at `begin` is the split's own.
    split.position = begins_inside ? split.begin - 1 : 0;
    split.lines = begins_inside ? -1 : 0;
  }
  WEIR_ASSIGN_OR_RETURN(std::unique_ptr<ByteInput> input, OpenByteInput(file_system, split.path, split.position));
  std::unique_ptr<FileCursor> cursor(new FileCursor(file_system, std::move(split), std::move(input), block_bytes));
  if (begins_inside) WEIR_RETURN_IF_ERROR(cursor->SkipPartialLine());
  return cursor;
}

Status FileCursor::SkipPartialLine() {
  while (true) {
    if (begin() == end()) {
      WEIR_RETURN_IF_ERROR(Fill());
      if (begin() == end()) return OkStatus();
    }
    const void* const found = std::memchr(begin(), '\n', static_cast<size_t>(end() - begin()));
    Consume(found != nullptr ? static_cast<const char*>(found) + 1 : end(), 0);
    if (found != nullptr) return OkStatus();
  }
}

const char* FileCursor::stop() const {
  const int64_t left = split_.end - split_.position;
  return left < end() - begin() ? begin() + std::max<int64_t>(left, 0) : end();
}

bool FileCursor::finished() const { return split_.position >= split_.end || (begin() == end() && at_end()); }

void FileCursor::Consume(const char* to, int64_t lines) {
  blocks_.ConsumeTo(to);
  split_.position = blocks_.position();
  if (split_.lines >= 0) split_.lines += lines;
}

int64_t FileCursor::LineAt(const char* at) {
  if (split_.lines < 0) {
    const StatusOr<int64_t> lines = CountLinesInFile(file_system_, split_.path, split_.position);
    if (!lines.ok()) return 0;
    split_.lines = lines.value();
  }
  return split_.lines + CountLines(begin(), at) + 1;
}

std::string FileCursor::PlaceAt(const char* at) {
  const int64_t line = LineAt(at);
  return line == 0 ? split_.path : split_.path + ":" + std::to_string(line);
}

}  // namespace weir
