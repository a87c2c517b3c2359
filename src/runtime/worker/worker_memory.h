// How much of a TaskManager's memory the worker of one job may use: the shares of the slots that the job has there.
//
// `share` is slots of the job over slots of the TaskManager; 1 when embedded. Sizes in the configuration are the TaskManager's.
#pragma once

#include <cstdint>
#include <optional>

#include "weir/base/status.h"
#include "weir/config/configuration.h"

namespace weir {

// Whether anybody said how much memory there is. If not, state on the heap may take what the machine has.
bool HasMemorySize(const Configuration& configuration);
// What the state backends of a worker may take together.
StatusOr<uint64_t> ManagedMemoryBytes(const Configuration& configuration, double share);
// What its network buffers may take; nullopt: nobody has said how much there is.
std::optional<uint64_t> NetworkMemoryBytes(const Configuration& configuration, double share);
// kInvalidArgument, with the fix: a TaskManager of so many slots cannot live with these sizes.
Status CheckMemory(const Configuration& configuration, int slots);

}  // namespace weir
