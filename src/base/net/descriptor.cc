#include "weir/base/net/descriptor.h"

#include <unistd.h>

namespace weir {

void Descriptor::Reset(int fd) {
  if (fd_ >= 0) close(fd_);
  fd_ = fd;
}

}  // namespace weir
