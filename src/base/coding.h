// Bytes for the wire and for files: little-endian integers of fixed width, strings with their length before them.
//
//   ByteWriter writer;                                   ByteReader reader(bytes, "heap file header");
//   writer.PutU32(kVersion);                             const uint32_t version = reader.GetU32();
//   writer.PutString(name);                              const std::string_view name = reader.GetString();
//   std::string bytes = std::move(writer).Take();        WEIR_RETURN_IF_ERROR(reader.Finish());
//
// docs/formats/coding.md has the byte forms. Values change only with the format that uses them.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

#include "weir/base/status.h"

namespace weir {

static_assert(std::endian::native == std::endian::little, "values are copied as the machine holds them");

// The value of a trivially copyable T at `bytes`, which need not be aligned.
template <class T>
T LoadLittleEndian(const void* bytes) {
  static_assert(std::is_trivially_copyable_v<T>);
  T value;
  std::memcpy(&value, bytes, sizeof(value));
  return value;
}

template <class T>
void StoreLittleEndian(void* bytes, T value) {
  static_assert(std::is_trivially_copyable_v<T>);
  std::memcpy(bytes, &value, sizeof(value));
}

// Appends values to a string of its own. Never fails.
class ByteWriter {
 public:
  ByteWriter() = default;
  // Continues after `prefix`.
  explicit ByteWriter(std::string prefix) : bytes_(std::move(prefix)), size_(bytes_.size()) {}

  void PutU8(uint8_t value) { Put(value); }
  void PutU16(uint16_t value) { Put(value); }
  void PutU32(uint32_t value) { Put(value); }
  void PutU64(uint64_t value) { Put(value); }
  void PutI8(int8_t value) { Put(value); }
  void PutI16(int16_t value) { Put(value); }
  void PutI32(int32_t value) { Put(value); }
  void PutI64(int64_t value) { Put(value); }
  void PutF32(float value) { Put(value); }
  void PutF64(double value) { Put(value); }
  void PutBool(bool value) { Put(static_cast<uint8_t>(value)); }
  // The bytes as they are, without their length.
  void PutBytes(std::string_view bytes) {
    if (!bytes.empty()) std::memcpy(Extend(bytes.size()), bytes.data(), bytes.size());
  }
  // u32 length, then the bytes. Longer than 4 GiB - 1 is a broken invariant.
  void PutString(std::string_view text);

  // Overwrites four bytes at `offset`, for a length that is known only afterwards.
  void PatchU32(size_t offset, uint32_t value);

  // Appends `length` bytes for the caller to fill; their place is valid until the next call. For encoders that know the
  // size beforehand.
  char* Extend(size_t length) {
    if (length > bytes_.size() - size_) [[unlikely]]
      Grow(length);
    char* const at = bytes_.data() + size_;
    size_ += length;
    return at;
  }
  // Gives up what was written after the first `size` bytes.
  void Truncate(size_t size) { size_ = size < size_ ? size : size_; }

  size_t size() const { return size_; }
  std::string_view bytes() const { return std::string_view(bytes_.data(), size_); }
  std::string Take() && {
    bytes_.resize(size_);
    size_ = 0;
    return std::move(bytes_);
  }
  // Keeps the memory: a writer that is used again neither allocates nor clears.
  void Clear() { size_ = 0; }

 private:
  template <class T>
  void Put(T value) {
    StoreLittleEndian(Extend(sizeof(value)), value);
  }
  // Makes room for at least `length` more bytes.
  void Grow(size_t length);

  // Its first `size_` bytes are written, the rest is room: a string clears what it grows by, so it grows seldom.
  std::string bytes_;
  size_t size_ = 0;
};

// Reads values from bytes that stay in place. Reading past the end gives zero or an empty view and turns the reader bad for good, so a decoder reads
// everything first and asks once: `WEIR_RETURN_IF_ERROR(reader.status())`. Lengths that came from outside must be checked before memory is
// reserved by them: compare with remaining().
class ByteReader {
 public:
  // `what` names the thing in errors ("heap file header"). Both must outlive the reader; so must `bytes` the views that are read.
  ByteReader(std::string_view bytes, std::string_view what) : bytes_(bytes), what_(what) {}

  uint8_t GetU8() { return Get<uint8_t>(); }
  uint16_t GetU16() { return Get<uint16_t>(); }
  uint32_t GetU32() { return Get<uint32_t>(); }
  uint64_t GetU64() { return Get<uint64_t>(); }
  int8_t GetI8() { return Get<int8_t>(); }
  int16_t GetI16() { return Get<int16_t>(); }
  int32_t GetI32() { return Get<int32_t>(); }
  int64_t GetI64() { return Get<int64_t>(); }
  float GetF32() { return Get<float>(); }
  double GetF64() { return Get<double>(); }
  // A byte other than 0 and 1 is damage.
  bool GetBool();
  // The next `length` bytes, in place.
  std::string_view GetBytes(size_t length);
  // What PutString wrote, in place.
  std::string_view GetString() { return GetBytes(GetU32()); }
  void Skip(size_t length) { GetBytes(length); }
  // Turns the reader bad because the value before offset() cannot be: for decoders that check more than lengths.
  void Reject() { Fail(0); }

  bool ok() const { return ok_; }
  size_t offset() const { return offset_; }
  size_t remaining() const { return bytes_.size() - offset_; }

  // OK, or kDataLoss that says what was wanted where.
  Status status() const;
  // As status(), but bytes that are left over are an error too.
  Status Finish() const;

 private:
  template <class T>
  T Get() {
    if (sizeof(T) > remaining() || !ok_) [[unlikely]] {
      Fail(sizeof(T));
      return T{};
    }
    const T value = LoadLittleEndian<T>(bytes_.data() + offset_);
    offset_ += sizeof(T);
    return value;
  }
  // Remembers the first failure only: what follows is its consequence.
  void Fail(size_t wanted);

  const std::string_view bytes_;
  const std::string_view what_;
  size_t offset_ = 0;
  size_t wanted_ = 0;  // bytes that the first failed read asked for; 0: a value that cannot be
  bool ok_ = true;
};

}  // namespace weir
