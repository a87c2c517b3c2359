// The dataflow as the program describes it: plain data that the API fills in and the translation (job_graph_builder.h) reads.
//
//   StreamGraph graph;
//   graph.config.job_name = "word count";
//   graph.nodes.push_back({.id = 1, .kind = NodeKind::kSource, .name = "lines", ...});
//   graph.edges.push_back({.source = 1, .target = 2});
//
// There are no virtual nodes: unions, partitionings and side outputs are resolved by the API when it adds an edge.
// Nothing is checked here; ValidateStreamGraph (validation.h) finds all mistakes at once.
//
// Threads: a value type without locks.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/config/pipeline_options.h"
#include "weir/functions/state/keyed_rows.h"
#include "weir/functions/state/operator_state_handle.h"
#include "weir/graph/operator_factory.h"
#include "weir/types/batch.h"

namespace weir {

class Schema;
class SourceFactory;

enum class NodeKind : uint8_t { kSource, kOperator, kSink };

// With whom an operator may share a task.
enum class ChainingStrategy : uint8_t {
  kAlways,  // with its input and its consumers
  kHead,    // begins a chain (StartNewChain)
  kNever,   // alone (DisableChaining)
};

// How records are spread over the subtasks of the consumer.
enum class Partitioner : uint8_t {
  kAuto,       // not said by the program: forward if both ends have the same parallelism, else rebalance
  kForward,    // to the subtask of the same number
  kHash,       // by key group
  kRebalance,  // round robin over all subtasks
  kRescale,    // round robin over the nearest subtasks
  kShuffle,    // at random
  kBroadcast,  // to every subtask
  kGlobal,     // to the first subtask
  kCustom,     // as the user's partitioner says
};

// "FORWARD", as Flink's plan writes them. kAuto gives "AUTO".
std::string_view PartitionerName(Partitioner partitioner);

struct SideOutput {
  std::string tag = {};
  const BatchType* type = nullptr;
};

// A state of a subtask rather than of a key, as its function declared it.
struct OperatorStateDeclaration {
  std::string name = {};
  Redistribution redistribution = Redistribution::kSplit;
  std::string schema = {};         // Schema::ToString
  std::string stored_schema = {};  // Schema::Encode
};

struct StreamNode {
  // Unique, >= 1, ascending in the order in which the program made the operators: generated ids follow from this order.
  int id = 0;
  NodeKind kind = NodeKind::kOperator;
  // "Map", or as the user named it; without "Source: " and "Sink: ", which the plan adds.
  std::string name = {};
  std::string description = {};  // empty: the name
  std::string uid = {};          // empty: an id is generated from the operator's place in the graph
  // 32 hexadecimal digits (SetUidHash), see JobOperator::restore_id.
  std::string uid_hash = {};

  int parallelism = 0;                  // 0: that of the environment, command line or configuration
  int max_parallelism = 0;              // 0: that of the environment, else derived from the parallelism
  bool is_non_parallel = false;         // runs in one subtask only (a socket source)
  std::string slot_sharing_group = {};  // empty: that of the inputs if they agree, else "default"
  ChainingStrategy chaining = ChainingStrategy::kAlways;
  // Accepted as in Flink; -1: that of the environment. A part-full batch leaves at the end of each step, so no value makes a record wait.
  int64_t buffer_timeout_ms = -1;
  bool is_blocking = false;  // its functions may wait: its task gets a thread of its own
  bool is_bounded = false;   // sources only

  std::shared_ptr<const OperatorFactory> factory = {};
  std::shared_ptr<const SourceFactory> source = {};  // sources only: the JobMaster makes the split enumerator with it

  std::vector<const BatchType*> inputs = {};  // one per input; none for a source
  const BatchType* output = nullptr;          // null for a sink
  std::vector<SideOutput> side_outputs = {};  // in the order of the operator's outputs

  // Keyed operators: what their key looks like. Null: not keyed.
  const Schema& (*key_schema)() = nullptr;
  std::vector<StateDeclaration> states = {};
  std::vector<OperatorStateDeclaration> operator_states = {};

  // Number of the output with this side output tag: 0 for the main output (an empty tag), i + 1 for side output i, -1 if there is none.
  int OutputNumber(std::string_view side_output_tag) const;
  // The records of that output; null if it has none.
  const BatchType* OutputType(int output_number) const;
};

struct StreamEdge {
  int source = 0;  // StreamNode::id
  int target = 0;  // StreamNode::id
  int target_input = 0;
  Partitioner partitioner = Partitioner::kAuto;
  std::string side_output = {};                             // tag of the source's side output; empty: its main output
  std::shared_ptr<const KeyHasherFactory> key_hasher = {};  // kHash only
  std::shared_ptr<const RowPartitionerFactory> custom_partitioner = {};  // kCustom only
};

// What of the environment's settings shapes the plan.
struct StreamGraphConfig {
  std::string job_name = "Weir Streaming Job";
  RuntimeMode runtime_mode = RuntimeMode::kStreaming;  // kAutomatic runs as kStreaming: bounded jobs end by themselves
  // Parallelism of operators that set none: the first of these that is not 0.
  int environment_parallelism = 0;   // SetParallelism of the environment
  int command_line_parallelism = 0;  // -p
  int configured_parallelism = 1;    // parallelism.default
  int max_parallelism = 0;  // SetMaxParallelism of the environment, pipeline.max-parallelism; 0: derived per vertex
  int64_t buffer_timeout_ms = 100;  // execution.buffer-timeout.interval
  bool operator_chaining = true;    // pipeline.operator-chaining.enabled
  bool auto_generate_uids = true;   // pipeline.auto-generate-uids; off: every operator must have a uid
  // The job's configuration, by key, as it travels with the graph.
  std::vector<std::pair<std::string, std::string>> values = {};
  // argv of the program without argv[0]; part of the fingerprint.
  std::vector<std::string> arguments = {};
};

struct StreamGraph {
  StreamGraphConfig config;
  std::vector<StreamNode> nodes = {};  // ascending by id
  std::vector<StreamEdge> edges = {};

  // The node of this id, or nullptr.
  const StreamNode* FindNode(int id) const;
};

}  // namespace weir
