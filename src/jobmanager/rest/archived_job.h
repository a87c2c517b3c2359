// Writes down what the REST API tells of a job that has ended.
#pragma once

#include <memory>
#include <vector>

#include "weir/jobmanager/archive/job_archive.h"
#include "weir/rpc/job_messages.h"

namespace weir {

class Clock;
class Configuration;
class MetricStore;

struct ArchivedJobOptions {
  std::shared_ptr<const Configuration> configuration;  // of the cluster
  const Clock* clock = nullptr;
  const MetricStore* metrics = nullptr;  // null: nothing was reported
};

// Every answer about the job that its page asks for, as the API gives it for `details`, the job's last. Pure but for the clock: it asks no JobManager.
std::vector<ArchivedAnswer> AnswersAbout(const JobDetails& details, const ArchivedJobOptions& options);

}  // namespace weir
