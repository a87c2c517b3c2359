// What a task over SmallRow has sent, as text.
#pragma once

#include <string>
#include <vector>

#include "weir/runtime/network/local_channel.h"

#include "tests/harness/test_batches.h"

namespace weir {

// Takes what is in the channel: values, "barrier 1", "end".
inline std::vector<std::string> TakeOutput(LocalChannel& channel) {
  std::vector<std::string> seen;
  ChannelElement element;
  while (channel.Pop(element)) {
    if (element.batch == nullptr) {
      const bool is_barrier = element.event.kind == StreamEvent::Kind::kBarrier;
      seen.push_back(is_barrier ? "barrier " + std::to_string(element.event.checkpoint_id) : "end");
      continue;
    }
    for (const SmallRow& row : RowsOf<SmallRow>(*element.batch)) seen.push_back(std::to_string(row.value));
    Recycle(element.batch);
  }
  return seen;
}

}  // namespace weir
