// A window that moves over the content of one file, block by block.
#pragma once

#include <cstdint>
#include <memory>

#include "weir/base/status.h"
#include "weir/connectors/file/byte_input.h"
#include "weir/types/bytes.h"

namespace weir {

// Views of records point straight into the current block; a batch that has such rows becomes an owner of `block()`.
//
// What is not consumed when the window moves (the beginning of a record that goes on in the next block) is copied to the front of the next block, so a
// record is always in one piece. A block that no batch owns is used again.
//
// Threads: one at a time; the blocks live as long as their last owner, on any thread.
class BlockReader {
 public:
  // 64 KiB: fits a core's L2 cache beside what the record path needs; larger blocks were slower (word count with exchange: 44 ns at 64 KiB, 69 at 256).
  static constexpr uint32_t kDefaultBlockBytes = 64 * 1024;

  // `offset`: of the first byte that `input` gives, in the unpacked file.
  BlockReader(std::unique_ptr<ByteInput> input, int64_t offset, uint32_t block_bytes = kDefaultBlockBytes);
  ~BlockReader();
  BlockReader(const BlockReader&) = delete;
  BlockReader& operator=(const BlockReader&) = delete;

  // The bytes not consumed yet; kByteFinderPadding more may be read behind `end`.
  const char* begin() const { return begin_; }
  const char* end() const { return end_; }
  // The file has no bytes behind `end`.
  bool at_end() const { return at_end_; }
  // Offset of `begin` in the unpacked file.
  int64_t position() const { return position_; }
  // Bytes of the file itself read so far.
  int64_t file_bytes_read() const { return input_->file_bytes_read(); }
  // The block that `begin` and `end` point into; null before the first Fill.
  Bytes* block() const { return block_; }

  // Takes the bytes up to `to` off the window.
  void ConsumeTo(const char* to) {
    position_ += to - begin_;
    begin_ = to;
  }
  // Reads more bytes behind those of the window, or sets at_end. Pointers into the window are invalid afterwards, unless a batch owns the old block.
  // A window beyond 64 MiB is an error: nothing that long is a record.
  Status Fill();

 private:
  // Moves the unconsumed bytes to the front of a block with room behind them.
  Status MakeRoom();

  const std::unique_ptr<ByteInput> input_;
  const uint32_t block_bytes_;
  Bytes* block_ = nullptr;
  const char* begin_ = nullptr;
  const char* end_ = nullptr;
  int64_t position_;
  bool at_end_ = false;
};

}  // namespace weir
