// Whether records that an unaligned checkpoint found on their way can be read: unlike state they are not converted, so their types have to be what they were.
#pragma once

#include <string>
#include <vector>

#include "weir/state/restore/restore_check.h"

namespace weir {

// An entry for each input gate of `stored` whose records have another type in `now`, with the problem. `what`: the operator, for messages. Checkpoints of
// older versions do not say of which type their records are; then only the restore itself can tell.
std::vector<StateCheck> CheckInFlight(const CheckpointMetadata& metadata, const OperatorSnapshot& stored,
                                      const OperatorToRestore& now, const std::string& what);

}  // namespace weir
