#include "weir/graph/job/pipelined_regions.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "weir/graph/distribution.h"

namespace weir {
namespace {

// Disjoint sets of the numbers 0 .. count - 1. A set's root is its smallest member.
class DisjointSets {
 public:
  explicit DisjointSets(int count) : parent_(count) { std::iota(parent_.begin(), parent_.end(), 0); }

  int Root(int member) {
    while (parent_[member] != member) member = parent_[member] = parent_[parent_[member]];
    return member;
  }
  void Unite(int a, int b) {
    a = Root(a);
    b = Root(b);
    parent_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<int> parent_;
};

// Unites the subtasks that have channels between them; `first`: number of each vertex' subtask 0.
void UniteEnds(const JobGraph& graph, const JobEdge& edge, const std::vector<int>& first, DisjointSets& sets) {
  const int producers = graph.vertices[edge.source_vertex].parallelism;
  const int consumers = graph.vertices[edge.target_vertex].parallelism;
  const DistributionPattern pattern = DistributionOf(edge.partitioner);
  for (int producer = 0; producer < producers; ++producer) {
    SubtaskRange fed = ConsumersOf(pattern, producer, producers, consumers);
    // All to all: who feeds the first consumer is in its region, and the first producer brings in the others. Not a step per channel: there may be 10^8.
    if (pattern == DistributionPattern::kAllToAll && producer > 0) fed = {0, 1};
    for (int consumer = fed.begin; consumer < fed.end; ++consumer) {
      sets.Unite(first[edge.source_vertex] + producer, first[edge.target_vertex] + consumer);
    }
  }
}

}  // namespace

std::vector<std::vector<SubtaskRef>> PipelinedRegions(const JobGraph& graph) {
  std::vector<int> first;  // number of each vertex' subtask 0 among all subtasks
  int count = 0;
  for (const JobVertex& vertex : graph.vertices) {
    first.push_back(count);
    count += vertex.parallelism;
  }
  DisjointSets sets(count);
  for (const JobEdge& edge : graph.edges) UniteEnds(graph, edge, first, sets);
  std::map<int, std::vector<SubtaskRef>> regions;
  for (size_t vertex = 0; vertex < graph.vertices.size(); ++vertex) {
    for (int subtask = 0; subtask < graph.vertices[vertex].parallelism; ++subtask) {
      regions[sets.Root(first[vertex] + subtask)].push_back({static_cast<int>(vertex), subtask});
    }
  }
  std::vector<std::vector<SubtaskRef>> ordered;
  for (auto& [root, region] : regions) ordered.push_back(std::move(region));
  return ordered;
}

}  // namespace weir
