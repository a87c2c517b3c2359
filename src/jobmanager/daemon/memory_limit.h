// jobmanager.memory.process.size, kept by the kernel.
#pragma once

#include <memory>

#include "weir/base/process/process_limits.h"

namespace weir {

class Configuration;

// While it lives, this process and those that it starts have no more memory than that option says, if it is set; the log says where the kernel allows no
// such limit. It goes after what it limits. What JobManagers left that were killed goes at the next one's start.
class MemoryLimit {
 public:
  explicit MemoryLimit(const Configuration& configuration);
  ~MemoryLimit();
  MemoryLimit(const MemoryLimit&) = delete;
  MemoryLimit& operator=(const MemoryLimit&) = delete;

 private:
  std::unique_ptr<MemoryGroup> group_;  // null: no limit
};

}  // namespace weir
