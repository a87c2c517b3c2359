// A part of a file, the unit that file sources hand out.
#pragma once

#include <cstdint>
#include <limits>
#include <string>

namespace weir {

// The records of `path` that begin at a byte in [begin, end) of its unpacked content.
struct FileSplit {
  // The end of a split that is a whole file.
  static constexpr int64_t kWholeFile = std::numeric_limits<int64_t>::max();

  std::string path;
  int64_t begin = 0;
  int64_t end = kWholeFile;
  // Where the next record begins; -1: not opened yet.
  int64_t position = -1;
  // Lines of the file before `position`; -1: not known, for the split does not begin the file.
  int64_t lines = 0;
  // Bytes of the file itself that the split stands for; -1: unknown. For the progress line only.
  int64_t file_bytes = -1;
};

}  // namespace weir
