// Who holds a job up, and why.
#include <algorithm>

#include "weir/jobmanager/diagnosis/diagnose.h"

namespace weir {
namespace {

// Below this a vertex has time to spare: it follows its input.
constexpr double kBusy = 0.7;
// A subtask with so many times the records of the average one of the others is the exception, not chance.
constexpr double kSkew = 2;
// A busy task whose process uses less of a core than this part of its busy time sleeps or waits for I/O.
constexpr double kWaits = 0.4;
// Most of a vertex' own time: the operator to look at.
constexpr double kMostOfTime = 0.5;
// Less says nothing about how records are spread.
constexpr int64_t kFewRecords = 100;

struct Place {
  int vertex = -1;
  int subtask = 0;
};

// The subtask that is busiest and can send what it makes.
Place Busiest(const JobFacts& facts) {
  Place busiest;
  double most = kBusy;
  for (int v = 0; v < static_cast<int>(facts.vertices.size()); ++v) {
    const VertexFacts& vertex = facts.vertices[v];
    for (int i = 0; i < static_cast<int>(vertex.subtasks.size()); ++i) {
      const SubtaskFacts& subtask = vertex.subtasks[i];
      if (!subtask.is_measured || subtask.busy < most || subtask.backpressured > kHeldBack) continue;
      most = subtask.busy;
      busiest = {v, i};
    }
  }
  return busiest;
}

// How many times the records of the average other subtask this one gets; 0: there is no other, or too little to compare.
double SkewOf(const VertexFacts& vertex, int subtask) {
  int64_t others = 0;
  for (int i = 0; i < static_cast<int>(vertex.subtasks.size()); ++i) {
    if (i != subtask) others += vertex.subtasks[i].records_in;
  }
  const auto count = static_cast<double>(vertex.subtasks.size()) - 1;
  const int64_t own = vertex.subtasks[subtask].records_in;
  if (count < 1 || own < kFewRecords) return 0;
  return static_cast<double>(own) / std::max(1.0, static_cast<double>(others) / count);
}

const OperatorFacts* MostExpensive(const SubtaskFacts& subtask) {
  const OperatorFacts* most = nullptr;
  double all = 0;
  for (const OperatorFacts& one : subtask.operators) {
    all += one.self_share;
    if (most == nullptr || one.self_share > most->self_share) most = &one;
  }
  return most != nullptr && all > 0 && most->self_share >= kMostOfTime * all ? most : nullptr;
}

const OperatorFacts* WithHotKeys(const SubtaskFacts& subtask) {
  for (const OperatorFacts& one : subtask.operators) {
    if (!one.hot_keys.empty()) return &one;
  }
  return nullptr;
}

std::string SubtaskText(const VertexFacts& vertex, int subtask) {
  return std::to_string(subtask + 1) + "/" + std::to_string(vertex.subtasks.size());
}

std::string OneDecimal(double number) {
  const auto tenths = static_cast<int64_t>(number * 10 + 0.5);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

// The vertices that wait for `bottleneck`, directly or through others.
std::vector<const VertexFacts*> HeldBackBy(const JobFacts& facts, int bottleneck) {
  std::vector<bool> feeds(facts.vertices.size(), false);
  feeds[bottleneck] = true;
  std::vector<const VertexFacts*> held;
  for (int v = bottleneck; v >= 0; --v) {
    if (!feeds[v]) continue;
    for (const int input : facts.vertices[v].inputs) feeds[input] = true;
    if (v != bottleneck && IsHeldBack(facts.vertices[v])) held.push_back(&facts.vertices[v]);
  }
  return held;
}

Verdict SkewVerdict(const VertexFacts& vertex, int subtask, double skew) {
  Verdict verdict{.kind = "skew", .severity = Severity::kWarning, .summary = "", .advice = ""};
  verdict.summary = "subtask " + SubtaskText(vertex, subtask) + " of `" + vertex.name + "` gets " + OneDecimal(skew) +
                    " times the records of the others";
  verdict.advice = "spread the load: choose a finer key, or aggregate in two phases";
  verdict.evidence.push_back({"records in", std::to_string(vertex.subtasks[subtask].records_in)});
  if (const OperatorFacts* keyed = WithHotKeys(vertex.subtasks[subtask])) {
    verdict.summary += ": its key `" + keyed->hot_keys.front().first + "` is " +
                       PercentText(keyed->hot_keys.front().second) + " of its input";
    for (const auto& [key, share] : keyed->hot_keys) verdict.evidence.push_back({"key " + key, PercentText(share)});
  }
  return verdict;
}

Verdict SinkVerdict(const VertexFacts& vertex, const OperatorFacts& sink, bool waits) {
  return {.kind = "slow-sink",
          .severity = Severity::kWarning,
          .summary = "`" + vertex.name + "` waits for its sink `" + sink.name + "`" +
                     (waits ? ", which does not take records faster" : ", which uses the CPU for each record"),
          .advice = "write in larger batches, or give the sink more subtasks",
          .evidence = {{"time in the sink", PercentText(sink.self_share)}}};
}

Verdict BottleneckVerdict(const VertexFacts& vertex, const OperatorFacts* expensive, bool waits) {
  const std::string who = expensive == nullptr || expensive->name == vertex.name
                              ? "`" + vertex.name + "`"
                              : "operator `" + expensive->name + "` of `" + vertex.name + "`";
  Verdict verdict{
      .kind = "bottleneck",
      .severity = Severity::kWarning,
      .summary = who + (waits ? " is the bottleneck: it waits in its own code" : " is the bottleneck: it is CPU-bound"),
      .advice = waits ? "calls that wait belong in AsyncMap, or in an operator marked as blocking"
                      : "give it a higher parallelism, or make its function cheaper"};
  if (expensive != nullptr)
    verdict.evidence.push_back({"time in " + expensive->name, PercentText(expensive->self_share)});
  return verdict;
}

Verdict Explain(const JobFacts& facts, const Place& place) {
  const VertexFacts& vertex = facts.vertices[place.vertex];
  const SubtaskFacts& subtask = vertex.subtasks[place.subtask];
  const OperatorFacts* const expensive = MostExpensive(subtask);
  const bool waits = subtask.process_cores >= 0 && subtask.process_cores < kWaits * subtask.busy;
  const double skew = SkewOf(vertex, place.subtask);
  if (skew >= kSkew) return SkewVerdict(vertex, place.subtask, skew);
  if (expensive != nullptr && expensive->is_sink) return SinkVerdict(vertex, *expensive, waits);
  return BottleneckVerdict(vertex, expensive, waits);
}

Verdict HeldBack(const VertexFacts& held, const VertexFacts& by) {
  return {.kind = "backpressure",
          .severity = Severity::kInfo,
          .summary = "`" + held.name + "` is held back by `" + by.name + "`",
          .advice = "",
          .vertex = held.id,
          .subtask = std::nullopt,
          .evidence = {{"back-pressured", PercentText(MostBackPressured(held))}}};
}

}  // namespace

std::vector<Verdict> FindLoad(const JobFacts& facts) {
  const Place place = Busiest(facts);
  if (place.vertex < 0) return {};
  const VertexFacts& vertex = facts.vertices[place.vertex];
  const SubtaskFacts& subtask = vertex.subtasks[place.subtask];
  Verdict verdict = Explain(facts, place);
  verdict.vertex = vertex.id;
  verdict.subtask = place.subtask;
  verdict.evidence.insert(verdict.evidence.begin(), {"busy", PercentText(subtask.busy)});
  if (subtask.process_cores >= 0) {
    verdict.evidence.push_back({"cores wanted by its process", OneDecimal(subtask.process_cores)});
  }
  const std::vector<const VertexFacts*> held = HeldBackBy(facts, place.vertex);
  // A source that reads as fast as it can is how a job without problems looks.
  if (vertex.is_source && held.empty() && verdict.kind == "bottleneck") verdict.severity = Severity::kInfo;
  std::vector<Verdict> verdicts = {std::move(verdict)};
  for (const VertexFacts* one : held) verdicts.push_back(HeldBack(*one, vertex));
  return verdicts;
}

}  // namespace weir
