#include "weir/graph/job/attach_code.h"

#include <cstddef>
#include <unordered_map>
#include <utility>
#include <vector>

#include "weir/base/check.h"
#include "weir/graph/graph_topology.h"
#include "weir/graph/operator_id.h"

namespace weir {
namespace {

class CodeAttacher {
 public:
  explicit CodeAttacher(const StreamGraph& program) : program_(program), is_taken_(program.edges.size()) {
    const std::vector<OperatorId> ids = AssignOperatorIds(program, GraphTopology(program));
    for (size_t i = 0; i < ids.size(); ++i) nodes_.emplace(ids[i], &program.nodes[i]);
  }

  void Attach(JobGraph& deployed) {
    for (JobVertex& vertex : deployed.vertices) {
      for (JobOperator& each : vertex.operators) AttachOperator(each);
      for (ChainEdge& edge : vertex.chain) {
        const JobOperator& target = vertex.operators[edge.target_operator];
        AttachEdge(vertex.operators[edge.source_operator], edge.source_output, target, 0, edge.code);
      }
    }
    for (JobEdge& edge : deployed.edges) {
      const JobOperator& source = deployed.vertices[edge.source_vertex].operators[edge.source_operator];
      const JobOperator& target = deployed.vertices[edge.target_vertex].operators[0];
      AttachEdge(source, edge.source_output, target, edge.target_input, edge.code);
    }
  }

 private:
  const StreamNode& NodeOf(const JobOperator& deployed) const {
    const auto found = nodes_.find(deployed.id);
    WEIR_CHECK(found != nodes_.end()) << "operator " << deployed.id << " is in the fingerprint but not in the program";
    return *found->second;
  }

  void AttachOperator(JobOperator& deployed) const {
    const StreamNode& node = NodeOf(deployed);
    deployed.code = {.factory = node.factory,
                     .source = node.source,
                     .inputs = node.inputs,
                     .output = node.output,
                     .side_outputs = node.side_outputs};
  }

  // Several edges may have the same ends (a stream united with itself): each is taken once, in their common order.
  void AttachEdge(const JobOperator& source, int source_output, const JobOperator& target, int target_input,
                  EdgeCode& code) {
    const StreamNode& from = NodeOf(source);
    const StreamNode& to = NodeOf(target);
    for (size_t i = 0; i < program_.edges.size(); ++i) {
      const StreamEdge& edge = program_.edges[i];
      if (is_taken_[i] || edge.source != from.id || edge.target != to.id || edge.target_input != target_input ||
          from.OutputNumber(edge.side_output) != source_output) {
        continue;
      }
      is_taken_[i] = true;
      code = {.type = from.OutputType(source_output),
              .key_hasher = edge.key_hasher,
              .custom_partitioner = edge.custom_partitioner};
      return;
    }
    WEIR_UNREACHABLE("an edge of the deployed graph is not in the program, though their fingerprints agree");
  }

  const StreamGraph& program_;
  std::unordered_map<OperatorId, const StreamNode*> nodes_;
  std::vector<bool> is_taken_;
};

}  // namespace

Status AttachCode(const StreamGraph& program, JobGraph& deployed) {
  WEIR_RETURN_IF_ERROR(CheckFingerprint(deployed.fingerprint, FingerprintOf(program, deployed.fingerprint.executable)));
  CodeAttacher(program).Attach(deployed);
  return OkStatus();
}

}  // namespace weir
