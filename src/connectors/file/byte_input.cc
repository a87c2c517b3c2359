#include "weir/connectors/file/byte_input.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "weir/base/file/file_system.h"
#include "weir/connectors/file/file_listing.h"

namespace weir {

namespace {

class FileBytes final : public ByteInput {
 public:
  explicit FileBytes(std::unique_ptr<ReadableFile> file) : file_(std::move(file)) {}

  StatusOr<size_t> Read(char* into, size_t size) override {
    WEIR_ASSIGN_OR_RETURN(const size_t read, file_->Read({into, size}));
    bytes_read_ += static_cast<int64_t>(read);
    return read;
  }
  int64_t file_bytes_read() const override { return bytes_read_; }

 private:
  const std::unique_ptr<ReadableFile> file_;
  int64_t bytes_read_ = 0;
};

Status Skip(ByteInput& input, int64_t bytes, const std::string& path) {
  std::vector<char> scratch(64 * 1024);
  while (bytes > 0) {
    const size_t wanted = static_cast<size_t>(std::min<int64_t>(bytes, static_cast<int64_t>(scratch.size())));
    WEIR_ASSIGN_OR_RETURN(const size_t read, input.Read(scratch.data(), wanted));
    if (read == 0) return DataLossError("\"" + path + "\" is shorter than when it was read before; was it replaced?");
    bytes -= static_cast<int64_t>(read);
  }
  return OkStatus();
}

}  // namespace

StatusOr<std::unique_ptr<ByteInput>> OpenByteInput(FileSystem& file_system, const std::string& path, int64_t offset) {
  StatusOr<std::unique_ptr<ReadableFile>> file = file_system.OpenForRead(path);
  if (!file.ok()) return CannotRead(path, file.status());
  const Compression compression = CompressionOf(path);
  if (compression == Compression::kNone) {
    if (offset > 0) WEIR_RETURN_IF_ERROR(file.value()->Seek(static_cast<uint64_t>(offset)));
    return std::unique_ptr<ByteInput>(std::make_unique<FileBytes>(std::move(file).value()));
  }
  std::unique_ptr<ByteInput> input =
      NewDecompressor(compression, path, std::make_unique<FileBytes>(std::move(file).value()));
  WEIR_RETURN_IF_ERROR(Skip(*input, offset, path));
  return input;
}

}  // namespace weir
