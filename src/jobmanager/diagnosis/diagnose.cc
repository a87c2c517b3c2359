#include "weir/jobmanager/diagnosis/diagnose.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "weir/base/readable.h"

namespace weir {
namespace {

// An old failure from which the job has recovered is history, not its condition.
constexpr int64_t kRecentMs = 10 * 60 * 1000;

std::vector<Verdict> FindWaiting(const JobFacts& facts) {
  if (facts.waiting_for.empty()) return {};
  return {{.kind = "waiting",
           .severity = Severity::kWarning,
           .summary = "the job waits for " + facts.waiting_for,
           .advice = "start another TaskManager, or cancel a job that holds slots",
           .evidence = {{"missing", facts.waiting_for}}}};
}

// What a job without problems can show for it.
std::vector<Evidence> Health(const JobFacts& facts) {
  std::vector<Evidence> evidence = {{"status", std::string(JobStatusName(facts.status))}};
  const VertexFacts* busiest = nullptr;
  double most = 0;
  for (const VertexFacts& vertex : facts.vertices) {
    for (const SubtaskFacts& subtask : vertex.subtasks) {
      if (!subtask.is_measured || subtask.busy < most) continue;
      most = subtask.busy;
      busiest = &vertex;
    }
  }
  if (busiest != nullptr) evidence.push_back({"busiest", "`" + busiest->name + "`, " + PercentText(most)});
  return evidence;
}

std::string FirstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

void Append(std::vector<Verdict> more, std::vector<Verdict>& all) {
  std::move(more.begin(), more.end(), std::back_inserter(all));
}

}  // namespace

std::vector<JobVerdict> VerdictsOf(std::vector<Verdict> verdicts) {
  std::vector<JobVerdict> travelling;
  for (Verdict& verdict : verdicts) {
    JobVerdict& one = travelling.emplace_back();
    one.kind = std::move(verdict.kind);
    one.severity = SeverityName(verdict.severity);
    one.summary = std::move(verdict.summary);
    one.advice = std::move(verdict.advice);
    one.vertex = verdict.vertex;
    one.subtask = verdict.subtask.value_or(-1);
    for (Evidence& evidence : verdict.evidence) {
      one.evidence.emplace_back(std::move(evidence.name), std::move(evidence.value));
    }
  }
  return travelling;
}

const char* SeverityName(Severity severity) {
  constexpr const char* kNames[] = {"ok", "info", "warning", "error"};
  return kNames[static_cast<int>(severity)];
}

std::string PercentText(double share) {
  return std::to_string(static_cast<int>(std::clamp(share, 0.0, 1.0) * 100 + 0.5)) + " %";
}

std::string DurationText(int64_t millis) { return ReadableDuration(std::chrono::milliseconds(millis)); }

std::vector<Verdict> FindFailure(const JobFacts& facts) {
  const FailureFacts& failure = facts.failure;
  if (!failure.is_known || (!failure.has_ended_job && failure.age_ms > kRecentMs)) return {};
  Verdict verdict{.kind = "failure",
                  .severity = failure.has_ended_job ? Severity::kError : Severity::kWarning,
                  .summary = "",
                  .advice = ""};
  const std::string where = failure.task.empty() ? "the job" : "`" + failure.task + "`";
  verdict.summary = failure.has_ended_job ? "the job failed: first " + where + ": " + FirstLine(failure.cause)
                                          : where + " failed and the job was restarted: " + FirstLine(failure.cause);
  if (failure.restarts > 2) verdict.advice = "it fails again and again: see the exceptions for what comes first";
  verdict.evidence = {{"first cause", failure.cause},
                      {"ago", DurationText(failure.age_ms)},
                      {"restarts", std::to_string(failure.restarts)}};
  return {std::move(verdict)};
}

std::vector<Verdict> Diagnose(const JobFacts& facts) {
  std::vector<Verdict> verdicts = FindFailure(facts);
  Append(FindWaiting(facts), verdicts);
  const bool runs = facts.status == JobStatus::kRunning;
  if (runs) {
    Append(FindStuckCheckpoint(facts), verdicts);
    Append(FindLoad(facts), verdicts);
    Append(FindWatermarkHold(facts), verdicts);
  }
  std::ranges::stable_sort(verdicts, [](const Verdict& a, const Verdict& b) { return a.severity > b.severity; });
  if (verdicts.empty()) {
    verdicts.push_back(
        {.kind = "healthy",
         .severity = Severity::kOk,
         .summary = runs ? "nothing holds the job up" : "the job is " + std::string(JobStatusName(facts.status)),
         .advice = "",
         .evidence = Health(facts)});
  }
  return verdicts;
}

}  // namespace weir
