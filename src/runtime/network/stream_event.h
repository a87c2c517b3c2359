// What flows through channels besides records and watermarks: the things that end a batch.
#pragma once

#include <cstdint>

namespace weir {

struct StreamEvent {
  enum class Kind : uint8_t {
    kBarrier,    // checkpoint `checkpoint_id` cuts the stream here
    kIdle,       // the channel will be silent: leave it out of the watermark
    kActive,     // it speaks again
    kEndOfData,  // nothing follows
  };
  Kind kind = Kind::kEndOfData;
  // The job stops with a savepoint. kBarrier: of that one; nothing is processed behind it. kEndOfData: the savepoint comes behind it.
  bool stops = false;
  // kBarrier: of a checkpoint whose barriers may overtake data.
  bool overtakes = false;
  int64_t checkpoint_id = 0;
};

}  // namespace weir
