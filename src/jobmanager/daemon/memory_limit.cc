#include "weir/jobmanager/daemon/memory_limit.h"

#include <string>
#include <string_view>

#include "weir/base/file/process.h"
#include "weir/base/logging.h"
#include "weir/base/readable.h"
#include "weir/config/cluster_options.h"
#include "weir/config/configuration.h"

namespace weir {
namespace {

// Before the number of the process.
constexpr std::string_view kGroupPrefix = "weir-jobmanager-";

}  // namespace

MemoryLimit::MemoryLimit(const Configuration& configuration) {
  if (configuration.FindEntry(kJobManagerMemory.key()) == nullptr) return;
  if (const int removed = MemoryGroup::RemoveDead(kGroupPrefix); removed > 0) {
    WEIR_LOG(kInfo, "{} control groups of JobManagers that were killed are removed", removed);
  }
  const auto bytes = static_cast<uint64_t>(configuration.Get(kJobManagerMemory).bytes());
  const int self = CurrentProcessId();
  StatusOr<std::unique_ptr<MemoryGroup>> group =
      MemoryGroup::Make(std::string(kGroupPrefix) + std::to_string(self), bytes);
  Status status = group.status();
  if (status.ok()) status = (*group)->Add(self);
  if (!status.ok()) {
    WEIR_LOG(kWarning,
             "{} is {}, but the kernel keeps no process here within it: {}. The JobManager runs without a limit; "
             "systemd (MemoryMax=) or a container can give it one.",
             kJobManagerMemory.key(), ReadableBytes(bytes), status.message());
    return;
  }
  group_ = *std::move(group);
  WEIR_LOG(kInfo, "the kernel keeps the JobManager within {} of memory ({})", ReadableBytes(bytes),
           kJobManagerMemory.key());
}

MemoryLimit::~MemoryLimit() {
  // A group with a process in it cannot go.
  if (group_ != nullptr) static_cast<void>(group_->Remove(CurrentProcessId()));
}

}  // namespace weir
