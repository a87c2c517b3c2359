#include "weir/functions/process_context.h"

#include "weir/base/clock.h"

namespace weir {

Timestamp ProcessContext::processing_time() const { return runtime_->clock().WallTime(); }

}  // namespace weir
