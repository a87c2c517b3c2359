#include "weir/runtime/worker/worker_memory.h"

#include <algorithm>
#include <string>

#include "weir/base/readable.h"
#include "weir/config/cluster_options.h"
#include "weir/config/network_options.h"
#include "weir/config/state_options.h"

namespace weir {
namespace {

constexpr MemorySize kLeastManagedMemory = MemorySize::MiB(8);
// The worker of a small job takes half of it.
constexpr MemorySize kLeastSlotMemory = MemorySize::MiB(32);

bool IsSet(const Configuration& configuration, std::string_view key) { return configuration.FindEntry(key) != nullptr; }

uint64_t ShareOf(MemorySize size, double share) {
  return static_cast<uint64_t>(static_cast<double>(size.bytes()) * share);
}

}  // namespace

bool HasMemorySize(const Configuration& configuration) {
  return IsSet(configuration, kManagedMemory.key()) || IsSet(configuration, kTaskManagerMemory.key());
}

StatusOr<uint64_t> ManagedMemoryBytes(const Configuration& configuration, double share) {
  const auto least = static_cast<uint64_t>(kLeastManagedMemory.bytes());
  if (const auto* entry = configuration.FindEntry(kManagedMemory.key()); entry != nullptr) {
    WEIR_ASSIGN_OR_RETURN(const MemorySize size, configuration.TryGet(kManagedMemory));
    if (size >= kLeastManagedMemory) return std::max(least, ShareOf(size, share));
    return InvalidArgumentError(entry->origin + ": taskmanager.memory.managed.size is " + entry->value +
                                "; expected at least 8 mb");
  }
  WEIR_ASSIGN_OR_RETURN(const MemorySize process, configuration.TryGet(kTaskManagerMemory));
  WEIR_ASSIGN_OR_RETURN(const double fraction, configuration.TryGet(kManagedMemoryFraction));
  return std::max(least, ShareOf(process, fraction * share));
}

std::optional<uint64_t> NetworkMemoryBytes(const Configuration& configuration, double share) {
  const bool is_said = IsSet(configuration, kTaskManagerMemory.key()) ||
                       IsSet(configuration, kNetworkMemoryFraction.key()) ||
                       IsSet(configuration, kNetworkMemoryMin.key()) || IsSet(configuration, kNetworkMemoryMax.key());
  if (!is_said) return std::nullopt;
  const MemorySize process = configuration.Get(kTaskManagerMemory);
  const double wanted = static_cast<double>(process.bytes()) * configuration.Get(kNetworkMemoryFraction);
  const MemorySize least = configuration.Get(kNetworkMemoryMin);
  const MemorySize most = std::max(least, configuration.Find(kNetworkMemoryMax).value_or(process));
  return ShareOf(std::clamp(MemorySize(static_cast<int64_t>(wanted)), least, most), share);
}

Status CheckMemory(const Configuration& configuration, int slots) {
  if (const auto* entry = configuration.FindEntry(kTaskManagerMemory.key()); entry != nullptr) {
    const MemorySize process = configuration.Get(kTaskManagerMemory);
    if (process.bytes() / slots < kLeastSlotMemory.bytes()) {
      return InvalidArgumentError(
          entry->origin + ": taskmanager.memory.process.size is " + entry->value + " for " + std::to_string(slots) +
          " slots, which leaves " + ReadableBytes(static_cast<uint64_t>(process.bytes() / slots)) +
          " for each; expected at least 32 MiB. Raise it, or lower taskmanager.numberOfTaskSlots.");
    }
  }
  const std::optional<MemorySize> most = configuration.Find(kNetworkMemoryMax);
  if (!most.has_value() || *most >= configuration.Get(kNetworkMemoryMin)) return OkStatus();
  const auto* entry = configuration.FindEntry(kNetworkMemoryMax.key());
  return InvalidArgumentError((entry != nullptr ? entry->origin + ": " : "") +
                              "taskmanager.memory.network.max is less than taskmanager.memory.network.min, which is " +
                              ReadableBytes(static_cast<uint64_t>(configuration.Get(kNetworkMemoryMin).bytes())) +
                              " unless it is set. Lower that, too.");
}

}  // namespace weir
