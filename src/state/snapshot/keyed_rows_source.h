// Where keyed rows are read from: bytes in memory, or a file of a snapshot that is read piece by piece.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "weir/base/coding.h"
#include "weir/base/status.h"
#include "weir/state/snapshot/native_keyed_state.h"

namespace weir {

// Threads: one.
class KeyedRowsSource {
 public:
  virtual ~KeyedRowsSource() = default;

  // The next `length` bytes, valid until the next call. kDataLoss: there are not so many.
  virtual StatusOr<std::string_view> Take(uint64_t length) = 0;
  // The same, to memory of the caller.
  virtual Status TakeTo(char* to, uint64_t length) = 0;
  virtual Status Skip(uint64_t length) = 0;
  virtual uint64_t offset() const = 0;
  virtual uint64_t remaining() const = 0;
  // Whether what remains is the rest of a file.
  virtual bool is_file() const = 0;
  // To an offset at which it was before; of a file, to any of it.
  virtual void Seek(uint64_t offset) = 0;
};

// Of what a reader has left. The reader stays where it is until the end.
class BytesSource final : public KeyedRowsSource {
 public:
  explicit BytesSource(ByteReader& in)
      : in_(in), begin_(in.offset()), bytes_(ByteReader(in).GetBytes(in.remaining())) {}

  StatusOr<std::string_view> Take(uint64_t length) override;
  Status TakeTo(char* to, uint64_t length) override;
  Status Skip(uint64_t length) override { return Take(length).status(); }
  uint64_t offset() const override { return begin_ + taken_; }
  uint64_t remaining() const override { return bytes_.size() - taken_; }
  bool is_file() const override { return false; }
  void Seek(uint64_t offset) override { taken_ = offset - begin_; }
  // Moves the reader behind what was taken.
  void Finish() { in_.Skip(taken_); }

 private:
  ByteReader& in_;
  const uint64_t begin_;
  const std::string_view bytes_;
  size_t taken_ = 0;
};

// Of one file.
class FileSource final : public KeyedRowsSource {
 public:
  // `files` must outlive it.
  FileSource(BackendFiles& files, size_t number) : files_(files), number_(number) {}

  StatusOr<std::string_view> Take(uint64_t length) override;
  Status TakeTo(char* to, uint64_t length) override;
  Status Skip(uint64_t length) override;
  uint64_t offset() const override { return offset_; }
  uint64_t remaining() const override { return files_.files()[number_].length - offset_; }
  bool is_file() const override { return true; }
  void Seek(uint64_t offset) override { offset_ = offset; }

 private:
  Status CheckRemaining(uint64_t length) const;

  BackendFiles& files_;
  const size_t number_;
  uint64_t offset_ = 0;
  std::string taken_;
};

}  // namespace weir
