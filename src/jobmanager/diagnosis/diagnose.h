// Finds what is wrong with a job.
//
//   for (const Verdict& verdict : Diagnose(FactsOf(details, store.Latest(), now))) Print(verdict.summary);
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "weir/base/ids.h"
#include "weir/jobmanager/diagnosis/job_facts.h"
#include "weir/rpc/job_diagnosis.h"

namespace weir {

enum class Severity : uint8_t { kOk, kInfo, kWarning, kError };

struct Evidence {
  std::string name;   // "busy"
  std::string value;  // "97 %"
};

struct Verdict {
  std::string
      kind;  // "bottleneck", "skew", "slow-sink", "backpressure", "watermark", "failure", "checkpoint", "waiting", "healthy"
  Severity severity = Severity::kInfo;
  std::string summary;  // one sentence; names stand in `backticks`
  std::string advice;   // what to do; may be empty
  std::optional<VertexId> vertex = {};
  std::optional<int> subtask = {};
  std::vector<Evidence> evidence = {};
};

// The worst first; never empty: a job without problems is "healthy".
std::vector<Verdict> Diagnose(const JobFacts& facts);

// The rules, each on its own.
std::vector<Verdict> FindLoad(const JobFacts& facts);           // who holds the job up, and why
std::vector<Verdict> FindWatermarkHold(const JobFacts& facts);  // what event time waits for
std::vector<Verdict> FindFailure(const JobFacts& facts);
std::vector<Verdict> FindStuckCheckpoint(const JobFacts& facts);

// As they travel to a command line.
std::vector<JobVerdict> VerdictsOf(std::vector<Verdict> verdicts);

const char* SeverityName(Severity severity);
// "97 %" of a share.
std::string PercentText(double share);
// "2 min 5 s".
std::string DurationText(int64_t millis);

}  // namespace weir
