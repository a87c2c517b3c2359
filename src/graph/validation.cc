#include "weir/graph/validation.h"

#include <cstring>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "weir/base/ids.h"
#include "weir/graph/graph_topology.h"
#include "weir/graph/parallelism.h"

namespace weir {
namespace {

bool SameType(const BatchType* a, const BatchType* b) { return a == b || std::strcmp(a->name, b->name) == 0; }

class Validator {
 public:
  explicit Validator(const StreamGraph& graph) : graph_(graph), topology_(graph) {}

  Status Run() {
    CheckJob();
    CheckIdentities();
    for (size_t node = 0; node < graph_.nodes.size(); ++node) {
      CheckNumbers(graph_.nodes[node]);
      CheckStates(graph_.nodes[node]);
      CheckInputs(static_cast<int>(node));
    }
    for (const StreamEdge& edge : graph_.edges) CheckEdge(edge);
    CheckCycle();
    return Report();
  }

 private:
  void Add(std::string mistake) { mistakes_.push_back(std::move(mistake)); }
  void Add(const StreamNode& node, const std::string& mistake) { Add(DescribeOperator(node) + " " + mistake); }

  void CheckJob() {
    if (graph_.nodes.empty()) {
      Add("it has no operators. Begin a stream with FromSource, ReadTextFile, FromElements or another source of the "
          "environment before Execute");
    }
    refuses_batch_ = graph_.config.runtime_mode == RuntimeMode::kBatch;
    if (refuses_batch_) {
      Add("execution.runtime-mode is BATCH, which Weir does not have yet. Remove the setting (or SetRuntimeMode): in "
          "STREAMING mode a job with bounded sources ends by itself, and GlobalWindows::WithEndOfStreamTrigger gives "
          "one final result per key");
    }
  }

  void CheckIdentities() {
    std::map<std::string, const StreamNode*> uids, hashes;
    for (const StreamNode& node : graph_.nodes) {
      if (!node.uid.empty()) CheckUnique(node, "uid", node.uid, uids);
      if (node.uid.find('\n') != std::string::npos) Add(node, "has a uid of several lines; use one line");
      if (node.uid.empty() && !graph_.config.auto_generate_uids) {
        Add(node, "has no uid, and pipeline.auto-generate-uids is false: give it one with Uid");
      }
      if (node.uid_hash.empty()) continue;
      const StatusOr<Id128> hash = Id128::FromHex(node.uid_hash);
      if (!hash.ok()) {
        Add(node, "has the uid hash \"" + node.uid_hash +
                      "\"; SetUidHash takes 32 hexadecimal digits, such as an "
                      "operator id that a savepoint or a log shows");
        continue;
      }
      CheckUnique(node, "uid hash", hash->ToHex(), hashes);
    }
  }

  void CheckUnique(const StreamNode& node, const std::string& what, const std::string& value,
                   std::map<std::string, const StreamNode*>& taken) {
    const auto [position, is_new] = taken.emplace(value, &node);
    if (is_new) return;
    Add(node, "has the same " + what + " \"" + value + "\" as " + DescribeOperator(*position->second) +
                  ": state is found by it, so "
                  "each operator needs one of its own");
  }

  void CheckNumbers(const StreamNode& node) {
    const int parallelism = ParallelismOf(node, graph_.config);
    if (node.parallelism < 0) {
      Add(node, "has parallelism " + std::to_string(node.parallelism) + "; it must be at least 1");
    }
    if (node.is_non_parallel && node.parallelism > 1) {
      Add(node, "has parallelism " + std::to_string(node.parallelism) +
                    " but can run in one subtask only; remove its SetParallelism");
    }
    const int own_limit = node.max_parallelism;
    if (own_limit < 0 || own_limit > kMaxParallelismUpperBound) {
      Add(node, "has max parallelism " + std::to_string(own_limit) + "; it must be between 1 and " +
                    std::to_string(kMaxParallelismUpperBound));
      return;
    }
    const int set_limit = own_limit > 0 ? own_limit : graph_.config.max_parallelism;
    const int limit = set_limit > 0 ? set_limit : kMaxParallelismUpperBound;
    if (parallelism > limit) {
      Add(node, "has parallelism " + std::to_string(parallelism) + ", more than its max parallelism " +
                    std::to_string(limit) + "; lower the one or raise the other");
    }
    if (node.buffer_timeout_ms < -1) {
      Add(node, "has a buffer timeout of " + std::to_string(node.buffer_timeout_ms) + " ms; it must not be negative");
    }
  }

  void CheckStates(const StreamNode& node) {
    const Status keyed = CheckStateDeclarations(node.states);
    if (!keyed.ok()) Add(node, "cannot keep its state: " + std::string(keyed.message()));
    std::set<std::string> names;
    for (const OperatorStateDeclaration& state : node.operator_states) {
      if (names.insert(state.name).second) continue;
      Add(node, "declares two operator states named \"" + state.name +
                    "\"; snapshots find states by name, so give each its own");
    }
  }

  void CheckInputs(int index) {
    const StreamNode& node = graph_.nodes[index];
    if (node.kind == NodeKind::kSource) {
      if (!topology_.inputs(index).empty()) Add(node, "is a source and has an input");
      return;
    }
    if (node.kind == NodeKind::kSink && !topology_.outputs(index).empty()) Add(node, "is a sink and has a consumer");
    std::vector<bool> is_fed(node.inputs.size());
    for (int edge : topology_.inputs(index)) {
      const int input = graph_.edges[edge].target_input;
      if (input >= 0 && input < static_cast<int>(is_fed.size())) is_fed[input] = true;
    }
    for (size_t input = 0; input < is_fed.size(); ++input) {
      if (!is_fed[input])
        Add(node, "has nothing on its input " + std::to_string(input + 1) + "; connect a stream to it");
    }
  }

  void CheckEdge(const StreamEdge& edge) {
    const StreamNode* source = graph_.FindNode(edge.source);
    const StreamNode* target = graph_.FindNode(edge.target);
    if (source == nullptr || target == nullptr) {
      const StreamNode* known = source != nullptr ? source : target;
      const std::string end = known != nullptr ? DescribeOperator(*known) : "an edge";
      Add(end +
          " is connected to an operator of another environment; all streams of a job must come from one environment");
      return;
    }
    CheckRecords(edge, *source, *target);
    CheckForward(edge, *source, *target);
  }

  void CheckRecords(const StreamEdge& edge, const StreamNode& source, const StreamNode& target) {
    if (target.kind == NodeKind::kSource) return;
    if (edge.target_input < 0 || edge.target_input >= static_cast<int>(target.inputs.size())) {
      Add(target,
          "has no input " + std::to_string(edge.target_input + 1) + ", which " + DescribeOperator(source) + " feeds");
      return;
    }
    const BatchType* sent = source.OutputType(source.OutputNumber(edge.side_output));
    if (sent == nullptr) {
      const std::string output = edge.side_output.empty() ? "no output" : "no side output \"" + edge.side_output + "\"";
      Add(source, "has " + output + ", which " + DescribeOperator(target) + " reads");
      return;
    }
    const BatchType* wanted = target.inputs[edge.target_input];
    if (wanted != nullptr && !SameType(sent, wanted)) {
      Add(target, std::string("takes records of type ") + wanted->name + ", but " + DescribeOperator(source) +
                      " sends " + sent->name + " under that name; side output tags of one name must have one type");
    }
  }

  void CheckForward(const StreamEdge& edge, const StreamNode& source, const StreamNode& target) {
    if (edge.partitioner != Partitioner::kForward) return;
    const int sending = ParallelismOf(source, graph_.config);
    const int receiving = ParallelismOf(target, graph_.config);
    if (sending == receiving) return;
    Add(target, "has parallelism " + std::to_string(receiving) + ", but " + DescribeOperator(source) +
                    " forwards to it with parallelism " + std::to_string(sending) +
                    ": Forward does not allow a change of parallelism. Use Rebalance, Rescale, "
                    "Shuffle, Broadcast or Global, or make them equal");
  }

  void CheckCycle() {
    if (!topology_.has_cycle()) return;
    std::set<int> sorted(topology_.order().begin(), topology_.order().end());
    for (size_t node = 0; node < graph_.nodes.size(); ++node) {
      if (sorted.count(static_cast<int>(node)) > 0) continue;
      Add(graph_.nodes[node], "stands on a cycle of streams or behind one; a job's streams must not lead back");
      return;
    }
  }

  Status Report() const {
    if (mistakes_.empty()) return OkStatus();
    std::string message = "job \"" + graph_.config.job_name + "\" cannot run: ";
    if (mistakes_.size() == 1) {
      message += mistakes_[0] + ".";
    } else {
      message += std::to_string(mistakes_.size()) + " mistakes in its graph.";
      for (size_t i = 0; i < mistakes_.size(); ++i)
        message += "\n  " + std::to_string(i + 1) + ". " + mistakes_[i] + ".";
    }
    const bool only_batch = refuses_batch_ && mistakes_.size() == 1;
    return only_batch ? UnimplementedError(std::move(message)) : InvalidArgumentError(std::move(message));
  }

  const StreamGraph& graph_;
  const GraphTopology topology_;
  bool refuses_batch_ = false;
  std::vector<std::string> mistakes_;
};

}  // namespace

Status ValidateStreamGraph(const StreamGraph& graph) { return Validator(graph).Run(); }

std::string DescribeOperator(const StreamNode& node) {
  std::string text = "operator \"" + node.name + "\" (";
  if (!node.uid.empty()) text += "uid \"" + node.uid + "\", ";
  return text + "number " + std::to_string(node.id) + ")";
}

}  // namespace weir
