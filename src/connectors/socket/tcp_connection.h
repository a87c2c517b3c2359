// The receiving side of a TCP connection that never waits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "weir/base/status.h"

namespace weir {

// Where a socket source's bytes come from; tests have one of their own. Threads: one at a time. Closed by the destructor.
class ByteStream {
 public:
  enum class State : uint8_t { kData, kNothingYet, kClosed };
  struct Received {
    State state = State::kNothingYet;
    size_t bytes = 0;  // kData: >= 1
  };

  virtual ~ByteStream() = default;
  // What has arrived, up to `size` bytes. kClosed: the other side has closed in good order. An error: not connected, or no longer.
  virtual StatusOr<Received> Receive(char* into, size_t size) = 0;
};

// Begins to connect; Receive says kNothingYet until the connection stands. Looks the host's name up, which may take its time.
StatusOr<std::unique_ptr<ByteStream>> ConnectTcp(const std::string& host, int port);

}  // namespace weir
