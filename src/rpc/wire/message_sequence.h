// The order of the messages of one side of a stream.
#pragma once

#include <cstdint>
#include <string>

#include "weir/base/status.h"

namespace weir {

// Numbers what is sent, from 1 on. One sender.
class SequenceNumbers {
 public:
  uint64_t Next() { return ++last_; }

 private:
  uint64_t last_ = 0;
};

// Checks the numbers of what comes. One receiver.
class SequenceCheck {
 public:
  // True: it is the next one. False: it has come before, and is to be dropped. kDataLoss: some before it are missing.
  StatusOr<bool> Take(uint64_t number) {
    if (number <= last_) {
      ++doubled_;
      return false;
    }
    if (number != last_ + 1) {
      return DataLossError("message " + std::to_string(last_ + 1) + " is missing: " + std::to_string(number) +
                           " came instead");
    }
    last_ = number;
    return true;
  }
  int64_t doubled() const { return doubled_; }

 private:
  uint64_t last_ = 0;
  int64_t doubled_ = 0;
};

}  // namespace weir
