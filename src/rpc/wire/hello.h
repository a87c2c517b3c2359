// Versions of the protocols.
#pragma once

#include <string>

#include "weir/base/status.h"

namespace weir {

namespace v1 {
class Hello;
}

// Rises when a peer that ignores what it does not know would do the wrong thing.
constexpr uint32_t kProtocolVersion = 2;

// This process'.
void FillHello(v1::Hello& hello);
// kFailedPrecondition, with both versions and what to do, if this process cannot talk with `peer`, which is a "job program", a "TaskManager", ....
Status CheckHello(const v1::Hello& peer, const std::string& what);

}  // namespace weir
