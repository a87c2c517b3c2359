// The dataflow that a program has described so far; environment and streams share it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/base/status.h"
#include "weir/graph/stream_graph.h"

namespace weir {

class StatefulFunction;

class JobSubmitter;

// One upstream end of an edge that is still to be drawn: an operator's output, and how its records are to be spread.
struct StreamOrigin {
  int node = 0;                  // StreamNode::id
  std::string side_output = {};  // empty: the main output
  Partitioner partitioner = Partitioner::kAuto;
  std::shared_ptr<const KeyHasherFactory> key_hasher = {};
  std::shared_ptr<const RowPartitionerFactory> custom_partitioner = {};
};

// What typed code says of an operator that it adds.
struct OperatorSpec {
  std::string name;
  NodeKind kind = NodeKind::kOperator;
  const OperatorFactory* factory = nullptr;  // owned from here on
  std::vector<const BatchType*> inputs = {};
  const BatchType* output = nullptr;
  std::vector<SideOutput> side_outputs = {};
  const Schema& (*key_schema)() = nullptr;
  bool is_blocking = false;
};

// Mistakes are collected, not thrown: Execute reports all of them together.
class Plan {
 public:
  StreamGraph& graph() { return graph_; }
  const StreamGraph& graph() const { return graph_; }
  const Status& status() const { return status_; }

  // Adds a source; returns its id.
  int AddSource(std::string name, std::shared_ptr<const SourceFactory> source, const OperatorFactory* factory,
                const BatchType* output, bool non_parallel);
  // Adds an operator; `inputs[i]` are the origins of its i-th input (several: a union). Returns its id.
  int AddOperator(OperatorSpec spec, const std::vector<std::vector<StreamOrigin>>& inputs);

  StreamNode& node(int id) { return graph_.nodes[static_cast<size_t>(id) - 1]; }
  // Remembers a mistake of the program.
  void AddError(std::string message);
  // Remembers that what `name` declares is wrong, if it is.
  void Check(const Status& status, std::string_view name);
  // What the function of this operator keeps, as `planned` declares it: checked, and noted for savepoints.
  void DeclareStates(int node, const StatefulFunction& planned);
  // The timers of a key take the place of one of its states.
  void CheckRoomForTimers(const StatefulFunction& planned, std::string_view name);
  // Somebody reads side output `tag` of the operator; what is put into tags that nobody reads is dropped.
  void DeclareSideOutput(int node, std::string_view tag, const BatchType* type);

  // Keeps something alive as long as the plan: what collected rows have views into.
  void Keep(std::shared_ptr<void> kept) { kept_.push_back(std::move(kept)); }
  JobSubmitter& submitter() { return *submitter_; }
  void SetSubmitter(JobSubmitter* submitter) { submitter_ = submitter; }
  // Forgets the nodes; a new dataflow begins.
  void Restart();

 private:
  int AddNode(StreamNode node);

  StreamGraph graph_;
  Status status_;
  JobSubmitter* submitter_ = nullptr;  // the environment
  std::vector<std::shared_ptr<void>> kept_;
};

}  // namespace weir
