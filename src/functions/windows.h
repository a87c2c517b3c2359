// Windows: into which finite pieces a stream is cut.
#pragma once

namespace weir {

// The one window of GlobalWindows.
struct GlobalWindow {
  friend bool operator==(const GlobalWindow&, const GlobalWindow&) = default;
};

// One window per key for the whole stream.
class GlobalWindows {
 public:
  // It fires once, when a bounded input ends.
  struct EndOfStream {};
  static EndOfStream WithEndOfStreamTrigger() { return {}; }
};

}  // namespace weir
