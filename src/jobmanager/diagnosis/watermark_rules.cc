// What event time waits for.
#include <algorithm>

#include "weir/jobmanager/diagnosis/diagnose.h"

namespace weir {
namespace {

// Splits of one source are seldom read in step; a minute of event time apart, and silent, one of them is not coming.
constexpr int64_t kFarBehindMs = 60'000;
constexpr int64_t kSilentMs = 5'000;

Verdict SplitVerdict(const VertexFacts& vertex, int subtask, const SplitFacts& split) {
  Verdict verdict{
      .kind = "watermark",
      .severity = Severity::kWarning,
      .summary = "split " + std::to_string(split.split) + " of `" + vertex.name + "` holds the watermark back",
      .advice = "if such splits may be silent for long, set WithIdleness on the watermark strategy",
      .vertex = vertex.id,
      .subtask = subtask};
  const bool has_watermark = split.watermark != INT64_MIN;
  if (has_watermark)
    verdict.summary += ": it is " + DurationText(split.furthest - split.watermark) + " behind the others";
  if (split.silent_ms >= kSilentMs) verdict.summary += has_watermark ? ", and silent" : ": it is silent";
  verdict.evidence = {{"watermark of the split", has_watermark ? std::to_string(split.watermark) : "none"},
                      {"furthest watermark", std::to_string(split.furthest)},
                      {"silent for", DurationText(split.silent_ms)}};
  return verdict;
}

// The subtask of a source that is far behind its siblings; -1: none is.
int SlowestSubtask(const VertexFacts& vertex, int64_t& furthest) {
  int slowest = -1;
  furthest = INT64_MIN;
  for (int i = 0; i < static_cast<int>(vertex.subtasks.size()); ++i) {
    const SubtaskFacts& subtask = vertex.subtasks[i];
    // One that has ended is at +infinity: it holds nothing.
    if (!subtask.is_measured || subtask.watermark == INT64_MAX) continue;
    if (slowest < 0 || subtask.watermark < vertex.subtasks[slowest].watermark) slowest = i;
    furthest = std::max(furthest, subtask.watermark);
  }
  if (slowest < 0 || furthest == INT64_MIN) return -1;
  const int64_t watermark = vertex.subtasks[slowest].watermark;
  const bool is_far = watermark == INT64_MIN || furthest - watermark >= kFarBehindMs;
  // A subtask that works is slow, not silent: that is a matter of load.
  return is_far && vertex.subtasks[slowest].idle >= 0.5 ? slowest : -1;
}

}  // namespace

std::vector<Verdict> FindWatermarkHold(const JobFacts& facts) {
  for (const VertexFacts& vertex : facts.vertices) {
    if (!vertex.is_source) continue;
    for (int i = 0; i < static_cast<int>(vertex.subtasks.size()); ++i) {
      const SplitFacts& split = vertex.subtasks[i].slowest_split;
      if (!split.is_known || split.furthest == INT64_MIN || split.furthest == INT64_MAX) continue;
      const bool is_behind = split.watermark == INT64_MIN || split.furthest - split.watermark >= kFarBehindMs;
      if (is_behind && split.silent_ms >= kSilentMs) return {SplitVerdict(vertex, i, split)};
    }
    int64_t furthest = 0;
    const int slowest = SlowestSubtask(vertex, furthest);
    if (slowest < 0) continue;
    const int64_t watermark = vertex.subtasks[slowest].watermark;
    return {{.kind = "watermark",
             .severity = Severity::kWarning,
             .summary =
                 "subtask " + std::to_string(slowest + 1) + "/" + std::to_string(vertex.subtasks.size()) + " of `" +
                 vertex.name + "` holds the watermark back: it is idle" +
                 (watermark == INT64_MIN ? " and has none yet" : ", " + DurationText(furthest - watermark) + " behind"),
             .advice = "if its splits may be silent for long, set WithIdleness on the watermark strategy",
             .vertex = vertex.id,
             .subtask = slowest,
             .evidence = {{"its watermark", watermark == INT64_MIN ? "none" : std::to_string(watermark)},
                          {"furthest watermark", std::to_string(furthest)}}}};
  }
  return {};
}

}  // namespace weir
