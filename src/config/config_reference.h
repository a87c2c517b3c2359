// The reference of all options, as docs/user/configuration.md holds it.
#pragma once

#include <string>

namespace weir {

// Markdown. The same on every machine: depends on nothing but the options in the code.
std::string ConfigReference();

}  // namespace weir
