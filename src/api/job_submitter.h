// How streams start the job that they belong to.
#pragma once

#include <memory>
#include <string>

#include "weir/base/status.h"
#include "weir/client/job_client.h"

namespace weir {

// Implemented by the environment; streams reach it through the plan. One thread.
class JobSubmitter {
 public:
  virtual ~JobSubmitter() = default;
  // Starts what has been built so far.
  virtual StatusOr<JobClient> Submit(const std::string& job_name) = 0;
};

}  // namespace weir
