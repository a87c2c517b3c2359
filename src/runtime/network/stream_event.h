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
  int64_t checkpoint_id = 0;
};

}  // namespace weir
