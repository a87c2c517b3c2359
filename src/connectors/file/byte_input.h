// Where the bytes of one file come from, in order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "weir/base/status.h"

namespace weir {

class FileSystem;

// Threads: one at a time.
class ByteInput {
 public:
  virtual ~ByteInput() = default;
  // Reads up to `size` (>= 1) bytes to `into`; 0: the end. May return less than there is.
  virtual StatusOr<size_t> Read(char* into, size_t size) = 0;
  // Bytes of the file itself taken so far: compressed ones, if it is compressed.
  virtual int64_t file_bytes_read() const = 0;
};

enum class Compression : uint8_t { kNone, kGzip, kZstd };

// By the name's end: ".gz" or ".zst".
Compression CompressionOf(std::string_view path);

// The bytes of `compressed`, unpacked; files of several members (frames) one after the other are read as one. Errors name `path`.
std::unique_ptr<ByteInput> NewDecompressor(Compression compression, std::string path,
                                           std::unique_ptr<ByteInput> compressed);

// Opens `path` and starts at byte `offset` of its unpacked content. An error says which file could not be read and why.
StatusOr<std::unique_ptr<ByteInput>> OpenByteInput(FileSystem& file_system, const std::string& path, int64_t offset);

}  // namespace weir
