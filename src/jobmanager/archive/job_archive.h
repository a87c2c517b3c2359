// The file of a job that has ended: answers of the REST API, as Flink's history server reads and writes them (docs/formats/job_archive.md).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/status.h"
#include "weir/base/time.h"

namespace weir {

// Where an archive has the job's line in the list of all jobs.
inline constexpr const char* kArchivedOverviewPath = "/jobs/overview";

// An answer that was written down.
struct ArchivedAnswer {
  std::string path;  // "/jobs/1f…/plan"
  std::string json;
};

// Answers by path.
using JobArchive = std::map<std::string, std::string, std::less<>>;

std::string EncodeJobArchive(const std::vector<ArchivedAnswer>& answers);
// kDataLoss says what is wrong with the text.
StatusOr<JobArchive> DecodeJobArchive(std::string_view text);

// What lists of jobs need of one.
struct ArchivedOverview {
  std::string job_id;  // 32 hex digits
  std::string state;   // "FINISHED"
  EventTime end_time = 0;
  std::string json;  // the job's element of /jobs/overview
};

// kDataLoss: the archive holds no such line, or not that of one job.
StatusOr<ArchivedOverview> OverviewIn(const JobArchive& archive);

}  // namespace weir
