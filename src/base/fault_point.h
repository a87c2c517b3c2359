// Named places at which a test may end the process, as kill -9 would: what a crash right there leaves behind must be enough to go on from.
//
//   WEIR_FAULT_POINT=metadata-renamed:3 ./job      dies the third time it comes there; without a number, the first time
//
// docs/checkpointing.md lists the points of the checkpoint protocol. Without the variable a point costs one load. Threads: any.
#pragma once

namespace weir {

void FaultPoint(const char* name);

}  // namespace weir
