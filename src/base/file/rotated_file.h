// Reads on in a file that is rotated while it is read: <name>.log becomes <name>.1.log, that one <name>.2.log, and a new <name>.log begins.
//
//   FilePosition at;                       // of the oldest that is there
//   for (;;) { FilePiece piece = ReadOn(path, at, 1 << 16).value(); Print(piece.bytes); at = piece.next; Pause(); }
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "weir/base/status.h"

namespace weir {

// Stays right when the file gets another name.
struct FilePosition {
  uint64_t file = 0;  // its inode; 0: the oldest there is
  uint64_t offset = 0;

  std::string ToString() const;  // "12-345"
  // kInvalidArgument says what was expected.
  static StatusOr<FilePosition> Parse(std::string_view text);
};

struct FilePiece {
  std::string bytes;
  FilePosition next;
  bool has_gap = false;  // the file that was read before is gone: what stood in it and had not been read is lost
};

// What follows `from`, from newer files too, `length` bytes at most; empty when there is no more yet. kNotFound: there is no such file.
StatusOr<FilePiece> ReadOn(const std::string& path, FilePosition from, uint64_t length);
// Behind all that is there.
StatusOr<FilePosition> EndOf(const std::string& path);

// Whether `path` is what rotation has set aside, "x.3.log": then it is a part of "x.log".
bool IsSetAside(std::string_view path);

}  // namespace weir
