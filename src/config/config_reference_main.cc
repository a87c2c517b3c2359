// Prints the configuration reference: `weir_config_reference > docs/user/configuration.md`.
#include <cstdio>

#include "weir/config/config_reference.h"

int main() {
  std::fputs(weir::ConfigReference().c_str(), stdout);
  return 0;
}
