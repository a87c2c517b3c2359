// The sink that lines go to when no other is set: spdlog, on stderr or in a file.
#pragma once

#include "weir/base/logging.h"

namespace weir {

// Lives as long as the process: threads may log while statics are destroyed.
LogSink& DefaultLogSink();

}  // namespace weir
