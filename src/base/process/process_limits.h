// What the kernel lets another process use.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/status.h"

namespace weir {

// Soft and hard limit of a resource, for a process of this user. `name`: "core", "nofile", "nproc", "cpu", "fsize", "data", "as", "stack", "memlock".
// `value`: a number of bytes, files, processes or seconds, or "unlimited". kInvalidArgument names what is wrong.
Status LimitProcess(int pid, const std::string& name, const std::string& value);
// The same check without a process.
Status CheckLimit(const std::string& name, const std::string& value);

// Removes what processes left in `folder` that died without time for it: empty folders whose name is `prefix` and the number of a process that there is not.
// Of control groups the kernel lets go of none that has a process. How many were removed.
int RemoveGroupsOfDead(const std::string& folder, std::string_view prefix);

// A group of processes that may use so much memory together; who wants more is killed by the kernel. A control group below this process' own, version 1 or 2,
// where that is allowed.
class MemoryGroup {
 public:
  // kFailedPrecondition or what the kernel says: there are no such groups here, or this process may make none.
  static StatusOr<std::unique_ptr<MemoryGroup>> Make(const std::string& name, uint64_t bytes);
  // RemoveGroupsOfDead where Make makes groups.
  static int RemoveDead(std::string_view prefix);
  // No process is left in it.
  ~MemoryGroup();
  MemoryGroup(const MemoryGroup&) = delete;
  MemoryGroup& operator=(const MemoryGroup&) = delete;

  Status Add(int pid);
  // Back to the group above it.
  Status Remove(int pid);
  // Whether the kernel has killed a process of the group for its memory.
  bool HasKilled() const;
  uint64_t limit() const { return bytes_; }

 private:
  MemoryGroup(std::string folder, bool is_version_2, uint64_t bytes)
      : folder_(std::move(folder)), is_version_2_(is_version_2), bytes_(bytes) {}

  const std::string folder_;
  const bool is_version_2_;
  const uint64_t bytes_;
};

}  // namespace weir
