#include "weir/types/key_group.h"

#include <algorithm>
#include <bit>
#include <string>

namespace weir {

int DefaultMaxParallelism(int parallelism) {
  const uint64_t wanted = static_cast<uint64_t>(std::max(parallelism, 1)) * 3 / 2;
  return static_cast<int>(std::clamp<uint64_t>(std::bit_ceil(wanted), kMinDefaultMaxParallelism, kMaxMaxParallelism));
}

Status CheckParallelism(int parallelism, int max_parallelism) {
  if (max_parallelism < 1 || max_parallelism > kMaxMaxParallelism) {
    return InvalidArgumentError("the maximum parallelism is " + std::to_string(max_parallelism) + "; it must be 1 to " +
                                std::to_string(kMaxMaxParallelism));
  }
  if (parallelism < 1 || parallelism > max_parallelism) {
    return InvalidArgumentError("the parallelism is " + std::to_string(parallelism) +
                                "; it must be 1 to the maximum parallelism, which is " +
                                std::to_string(max_parallelism));
  }
  return OkStatus();
}

}  // namespace weir
