#include "weir/base/fault_point.h"

#include <signal.h>

#include <atomic>
#include <cstdlib>
#include <string>

namespace weir {

namespace {

struct ArmedPoint {
  std::string name;
  // How often it may still be passed; counted down by whoever passes it (relaxed: only the number matters).
  std::atomic<int> left{0};

  ArmedPoint() {
    const char* const text = std::getenv("WEIR_FAULT_POINT");
    if (text == nullptr) return;
    name = text;
    const size_t colon = name.find(':');
    left = colon == std::string::npos ? 1 : std::atoi(name.c_str() + colon + 1);
    name.resize(colon == std::string::npos ? name.size() : colon);
  }
};

}  // namespace

void FaultPoint(const char* name) {
  static ArmedPoint armed;
  if (armed.name.empty() || armed.name != name) return;
  if (armed.left.fetch_sub(1, std::memory_order_relaxed) == 1) raise(SIGKILL);
}

}  // namespace weir
