#include "weir/runtime/operators/key_resolver.h"

namespace weir {

Status UnstableKeyError() {
  return FailedPreconditionError(
      "the key selector returned different keys for the same record: once when the record was sent to its subtask, and "
      "another here. A key must depend "
      "on nothing but the record: no random numbers, clocks, counters or pointers");
}

}  // namespace weir
