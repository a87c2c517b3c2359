#include "weir/rpc/wire/hello.h"

#include "weir/base/file/process.h"
#include "weir/v1/common.pb.h"

extern const char kWeirVersion[];

namespace weir {

void FillHello(v1::Hello& hello) {
  hello.set_protocol(kProtocolVersion);
  hello.set_software(kWeirVersion);
  hello.set_peer(HostName() + ":" + std::to_string(CurrentProcessId()));
}

Status CheckHello(const v1::Hello& peer, const std::string& what) {
  if (peer.protocol() == kProtocolVersion) return OkStatus();
  if (peer.protocol() == 0) return FailedPreconditionError("the " + what + " did not say which protocol it speaks");
  return FailedPreconditionError("the " + what + " (" + peer.peer() + ", Weir " + peer.software() +
                                 ") speaks version " + std::to_string(peer.protocol()) +
                                 " of the protocol, this process (Weir " + kWeirVersion + ") version " +
                                 std::to_string(kProtocolVersion) + ". Use programs of one release of Weir.");
}

}  // namespace weir
