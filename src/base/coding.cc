#include "weir/base/coding.h"

#include <algorithm>
#include <limits>

#include "weir/base/check.h"

namespace weir {

void ByteWriter::PutString(std::string_view text) {
  WEIR_CHECK(text.size() <= std::numeric_limits<uint32_t>::max()) << "a string of " << text.size() << " bytes";
  PutU32(static_cast<uint32_t>(text.size()));
  PutBytes(text);
}

void ByteWriter::Grow(size_t length) {
  // Doubling keeps appending linear; 64: most single values fit without growing twice.
  bytes_.resize(std::max({bytes_.size() * 2, size_ + length, size_t{64}}));
}

void ByteWriter::PatchU32(size_t offset, uint32_t value) {
  WEIR_CHECK(offset + sizeof(value) <= size_) << "patch at " << offset << " of " << size_ << " bytes";
  StoreLittleEndian(bytes_.data() + offset, value);
}

bool ByteReader::GetBool() {
  const uint8_t value = GetU8();
  if (value > 1 && ok_) {
    --offset_;
    Fail(0);
  }
  return ok_ && value == 1;
}

std::string_view ByteReader::GetBytes(size_t length) {
  if (length > remaining() || !ok_) [[unlikely]] {
    Fail(length);
    return {};
  }
  const std::string_view bytes = bytes_.substr(offset_, length);
  offset_ += length;
  return bytes;
}

void ByteReader::Fail(size_t wanted) {
  if (!ok_) return;
  ok_ = false;
  wanted_ = wanted;
}

Status ByteReader::status() const {
  if (ok_) return OkStatus();
  const std::string where = std::string(what_) + ": at offset " + std::to_string(offset_) + " of " +
                            std::to_string(bytes_.size()) + " bytes, ";
  if (wanted_ == 0) return DataLossError(where + "a value cannot be; the bytes are damaged or of another version");
  return DataLossError(where + std::to_string(wanted_) + " bytes were expected but " + std::to_string(remaining()) +
                       " are left; the bytes are cut short, damaged or of another version");
}

Status ByteReader::Finish() const {
  if (!ok_) return status();
  if (remaining() == 0) return OkStatus();
  return DataLossError(std::string(what_) + ": " + std::to_string(remaining()) + " bytes are left over after offset " +
                       std::to_string(offset_) + "; the bytes are damaged or of another version");
}

}  // namespace weir
