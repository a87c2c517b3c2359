// Where a TaskManager gets the files of a job from.
#pragma once

#include <string>

#include "weir/base/status.h"
#include "weir/base/unique_function.h"

namespace weir {

class ArtifactSource {
 public:
  virtual ~ArtifactSource() = default;
  // Answers with the path of an executable file with this SHA-256 (hexadecimal) on this machine. Any thread; `reply` comes on any thread, perhaps within
  // the call.
  virtual void FetchAsync(const std::string& sha256, UniqueFunction<void(StatusOr<std::string>)> reply) = 0;
};

}  // namespace weir
