// One job on one screen.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "weir/base/json_writer.h"
#include "weir/base/time.h"
#include "weir/rpc/job_diagnosis.h"
#include "weir/rpc/job_messages.h"

namespace weir::cli {

// What one vertex does at the moment; all subtasks together.
struct VertexActivity {
  double in_per_second = 0;
  double out_per_second = 0;
  int busy_percent = 0;
  int held_percent = 0;        // waited for what comes behind it
  int64_t watermark_lag = -1;  // behind the wall clock; -1: it has no watermark
};

struct JobActivity {
  std::vector<VertexActivity> vertices = {};  // as in the details
};

// From two looks, `interval` apart; 0: there was only one, and rates are over the whole time of the job.
JobActivity ActivityOf(const JobDetails& before, const JobDetails& now, Duration interval);

// `verdicts`: what is wrong with it, the worst first; it stands above everything else.
std::string StatusText(const JobDetails& details, const JobActivity& activity, const std::vector<JobVerdict>& verdicts);
std::string StatusJson(const JobDetails& details, const JobActivity& activity, const std::vector<JobVerdict>& verdicts);

// As Flink prints it: 21.11.2026 17:00:00, in local time.
std::string StartText(Timestamp time);
// The fields of a job in Flink's lists, in an object that has begun.
void WriteOverview(const JobOverview& job, JsonWriter& json);

}  // namespace weir::cli
