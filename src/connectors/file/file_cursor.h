// Reading position in one split of a file.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "weir/base/status.h"
#include "weir/connectors/file/block_reader.h"
#include "weir/connectors/file/file_split.h"

namespace weir {

class FileSystem;

// The window over the split's bytes, and which line it is at. Threads: one at a time.
class FileCursor {
 public:
  // Opens the file and moves to split.position, or, if the split was not opened before, to the first line that begins in it.
  static StatusOr<std::unique_ptr<FileCursor>> Open(FileSystem& file_system, FileSplit split,
                                                    uint32_t block_bytes = BlockReader::kDefaultBlockBytes);

  // The bytes not consumed yet that are in memory.
  const char* begin() const { return blocks_.begin(); }
  const char* end() const { return blocks_.end(); }
  // No bytes come behind `end`.
  bool at_end() const { return blocks_.at_end(); }
  // Records that begin before it, and before `end`, belong to the split.
  const char* stop() const;
  // All records of the split are consumed.
  bool finished() const;

  // Takes the bytes up to `to`, in which `lines` lines end.
  void Consume(const char* to, int64_t lines);
  // Reads more; pointers into the window are invalid afterwards unless a batch owns block().
  Status Fill() { return blocks_.Fill().Annotate(split_.path); }
  Bytes* block() const { return blocks_.block(); }

  // The split, with the position reached.
  const FileSplit& split() const { return split_; }
  int64_t file_bytes_read() const { return blocks_.file_bytes_read(); }
  // The number (from 1) of the line in which the byte `at` of the window stands. May read the file up to there: for messages only. 0: not known.
  int64_t LineAt(const char* at);
  // "flights.csv:17": the same with the file's name.
  std::string PlaceAt(const char* at);

 private:
  FileCursor(FileSystem& file_system, FileSplit split, std::unique_ptr<ByteInput> input, uint32_t block_bytes);
  // From the middle of a line to the beginning of the next.
  Status SkipPartialLine();

  FileSystem& file_system_;
  FileSplit split_;
  BlockReader blocks_;
};

}  // namespace weir
