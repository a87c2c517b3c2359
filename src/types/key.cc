#include "weir/types/key.h"

namespace weir::internal {

ByteWriter& KeyScratch() {
  thread_local ByteWriter scratch;
  return scratch;
}

}  // namespace weir::internal
