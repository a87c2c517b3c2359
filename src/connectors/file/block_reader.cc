#include "weir/connectors/file/block_reader.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "weir/connectors/file/byte_finder.h"

namespace weir {

namespace {

// A longer record is surely a quote that is never closed or no text file at all.
constexpr size_t kMaxWindowBytes = size_t{64} << 20;

}  // namespace

BlockReader::BlockReader(std::unique_ptr<ByteInput> input, int64_t offset, uint32_t block_bytes)
    : input_(std::move(input)), block_bytes_(std::max(block_bytes, 1u)), position_(offset) {}

BlockReader::~BlockReader() {
  if (block_ != nullptr) block_->Release();
}

Status BlockReader::Fill() {
  if (at_end_) return OkStatus();
  WEIR_RETURN_IF_ERROR(MakeRoom());
  char* const into = block_->data + (end_ - block_->data);
  const size_t room = block_->capacity - kByteFinderPadding - static_cast<size_t>(end_ - block_->data);
  WEIR_ASSIGN_OR_RETURN(const size_t read, input_->Read(into, room));
  at_end_ = read == 0;
  end_ += read;
  std::memset(block_->data + (end_ - block_->data), 0, kByteFinderPadding);
  return OkStatus();
}

Status BlockReader::MakeRoom() {
  const size_t left = static_cast<size_t>(end_ - begin_);
  if (left > kMaxWindowBytes) {
    return DataLossError("the record at byte " + std::to_string(position_) +
                         " is longer than 64 MiB. Is this a text file, and is every quote closed?");
  }
  // Twice the left-over, so that a record of n bytes is moved log(n) times.
  const size_t wanted = std::max<size_t>(block_bytes_, 2 * left) + kByteFinderPadding;
  if (block_ != nullptr && block_->capacity >= wanted && block_->references.load(std::memory_order_acquire) == 1) {
    if (left > 0) std::memmove(block_->data, begin_, left);
  } else {
    Bytes* const fresh = Bytes::New(static_cast<uint32_t>(wanted));
    if (left > 0) std::memcpy(fresh->data, begin_, left);
    if (block_ != nullptr) block_->Release();
    block_ = fresh;
    block_->used = block_->capacity;  // nothing may be allocated from it
  }
  begin_ = block_->data;
  end_ = begin_ + left;
  return OkStatus();
}

}  // namespace weir
