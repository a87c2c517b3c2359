#include <cstdio>

#include "weir/base/status.h"

int main() {
  const weir::Status refused = weir::InvalidArgumentError("refuse");
  std::printf("%d\n", static_cast<int>(refused.message().size()));
}
