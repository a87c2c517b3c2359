// Checkpoints that do not finish, and where their barrier waits.
#include <algorithm>

#include "weir/jobmanager/diagnosis/diagnose.h"

namespace weir {
namespace {

// A checkpoint that takes this long beyond the usual is stuck...
constexpr int64_t kLongMs = 10'000;
// ... unless they always take a good part of it.
constexpr int64_t kTimesUsual = 3;
constexpr int kManyFailures = 2;

// The first vertex with subtasks that have not acknowledged although all in front of it have; -1: none is missing.
int FirstMissing(const JobFacts& facts) {
  for (size_t v = 0; v < facts.checkpoint.missing.size() && v < facts.vertices.size(); ++v) {
    if (facts.checkpoint.missing[v].empty()) continue;
    const auto& inputs = facts.vertices[v].inputs;
    const bool is_first = std::all_of(inputs.begin(), inputs.end(), [&](int input) {
      return facts.checkpoint.missing[static_cast<size_t>(input)].empty();
    });
    if (is_first) return static_cast<int>(v);
  }
  return -1;
}

// Who takes no more of `vertex`' records: the vertex itself if it is not back-pressured.
size_t HolderOf(const JobFacts& facts, size_t vertex) {
  size_t holder = vertex;
  for (size_t v = vertex + 1; v < facts.vertices.size() && IsHeldBack(facts.vertices[holder]); ++v) {
    const auto& inputs = facts.vertices[v].inputs;
    const bool reads_it = std::ranges::find(inputs, static_cast<int>(holder)) != inputs.end();
    if (reads_it && !facts.checkpoint.missing[v].empty()) holder = v;
  }
  return holder;
}

std::string Subtasks(const std::vector<int>& subtasks) {
  std::string text;
  for (size_t i = 0; i < subtasks.size() && i < 5; ++i) text += (i == 0 ? "" : ", ") + std::to_string(subtasks[i] + 1);
  return text + (subtasks.size() > 5 ? ", ..." : "");
}

// Who holds the barrier up that `first` waits for, or is to send.
void NameHolder(const JobFacts& facts, size_t first, Verdict& verdict) {
  const VertexFacts& at = facts.vertices[first];
  const size_t holder = HolderOf(facts, first);
  const VertexFacts& vertex = facts.vertices[holder];
  const std::vector<int>& missing = facts.checkpoint.missing[holder];
  const bool is_held_back = holder != first;
  verdict.vertex = vertex.id;
  verdict.subtask = missing.front();
  if (!at.is_source) {
    verdict.summary += ": its barrier waits in front of `" + at.name + "`" +
                       (is_held_back ? ", which is held back by `" + vertex.name + "`" : "");
  } else if (is_held_back) {
    verdict.summary += ": its barrier waits for `" + at.name + "`, which is held back by `" + vertex.name + "`";
  } else {
    verdict.summary += ": `" + at.name + "` has not sent its barrier";
  }
  if (is_held_back) verdict.evidence.push_back({"back-pressure of " + at.name, PercentText(MostBackPressured(at))});
  verdict.evidence.push_back({"subtasks that have not acknowledged", Subtasks(missing)});
  verdict.evidence.push_back({"busy", PercentText(vertex.subtasks[missing.front()].busy)});
  verdict.advice =
      "a barrier waits behind the records in front of it: make this operator faster, or set "
      "execution.checkpointing.unaligned.enabled";
}

}  // namespace

std::vector<Verdict> FindStuckCheckpoint(const JobFacts& facts) {
  const CheckpointFacts& checkpoint = facts.checkpoint;
  const bool is_stuck =
      checkpoint.is_pending && checkpoint.age_ms >= std::max(kLongMs, kTimesUsual * checkpoint.usual_ms);
  if (!is_stuck && checkpoint.failed_in_a_row < kManyFailures) return {};
  Verdict verdict{.kind = "checkpoint", .severity = Severity::kWarning, .summary = "", .advice = ""};
  if (!is_stuck) {
    verdict.summary =
        "the last " + std::to_string(checkpoint.failed_in_a_row) + " checkpoints failed: " + checkpoint.last_failure;
    verdict.evidence = {{"failed in a row", std::to_string(checkpoint.failed_in_a_row)},
                        {"why", checkpoint.last_failure}};
    return {std::move(verdict)};
  }
  verdict.summary = "checkpoint " + std::to_string(checkpoint.id) + " does not finish";
  verdict.evidence = {{"under way for", DurationText(checkpoint.age_ms)},
                      {"usual duration", checkpoint.usual_ms == 0 ? "unknown" : DurationText(checkpoint.usual_ms)}};
  if (const int first = FirstMissing(facts); first >= 0) NameHolder(facts, static_cast<size_t>(first), verdict);
  return {std::move(verdict)};
}

}  // namespace weir
