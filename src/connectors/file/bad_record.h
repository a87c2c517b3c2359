// What becomes of records that cannot be read.
#pragma once

#include <cstdint>
#include <string>

namespace weir {

enum class BadRecord : uint8_t {
  kFail,        // the job fails and says where
  kSkip,        // left out and counted
  kSideOutput,  // left out, counted, and sent to the side output that the source was given
};

// A record that could not be read, as it goes to the side output.
struct MalformedRecord {
  std::string file;
  int64_t line = 0;    // from 1; 0: not known
  std::string column;  // the column's name; empty if the row as a whole is wrong
  std::string text;    // the row
  std::string error;   // what is wrong, with file and line
};

}  // namespace weir
