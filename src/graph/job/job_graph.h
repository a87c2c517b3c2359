// What is scheduled: operators chained into vertices, each of which runs as `parallelism` tasks, and the exchanges between them.
//
//   StreamGraph   lines ─► Flat Map ─hash─► Count ─► print
//   JobGraph      [Source: lines -> Flat Map] ═HASH═► [Count -> Sink: print]
//
// A JobGraph is data with, beside it, the *code* that only the program's own process has: factories and batch types. It travels without them
// (job_graph_codec.h); a worker puts them back from the graph that it builds itself (attach_code.h).
//
// Threads: a value type without locks.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/base/ids.h"
#include "weir/graph/fingerprint.h"
#include "weir/graph/job/job_program.h"
#include "weir/graph/stream_graph.h"

namespace weir {

// A state as its operator declared it, for savepoint checks and for people: `schema` is text, `stored_schema` is Schema::Encode.
struct StateDescription {
  std::string name = {};
  StateKind kind = StateKind::kValue;
  std::string schema = {};
  Duration ttl{0};  // zero: for ever
  std::string stored_schema = {};
};

// The redistribution says what a restore at another parallelism does with it.
struct OperatorStateDescription {
  std::string name = {};
  Redistribution redistribution = Redistribution::kSplit;
  std::string schema = {};
  std::string stored_schema = {};
};

struct SideOutputDescription {
  std::string tag = {};
  std::string schema = {};
};

// What only the program's own process has of an operator. All null in a decoded graph until AttachCode.
struct OperatorCode {
  std::shared_ptr<const OperatorFactory> factory = {};
  std::shared_ptr<const SourceFactory> source = {};
  std::vector<const BatchType*> inputs = {};
  const BatchType* output = nullptr;
  std::vector<SideOutput> side_outputs = {};
};

// One operator of a chain.
struct JobOperator {
  // State is stored under this id. It follows from the uid, or else from the place in the graph, never from names or parallelism.
  OperatorId id = {};
  // From SetUidHash, else zero: state that a savepoint holds under this id is restored in preference to that under `id`.
  OperatorId restore_id = {};
  int node_id = 0;  // StreamNode::id
  NodeKind kind = NodeKind::kOperator;
  std::string name = {};  // as the plan shows it: "Source: lines"
  std::string description = {};
  std::string uid = {};
  bool is_blocking = false;
  bool is_bounded = false;  // sources only
  std::vector<std::string> input_schemas = {};
  std::vector<std::string> stored_input_schemas = {};  // Schema::Encode
  std::string output_schema = {};
  std::vector<SideOutputDescription> side_outputs = {};
  std::string key_schema = {};         // empty: not keyed
  std::string stored_key_schema = {};  // Schema::Encode
  std::vector<StateDescription> states = {};
  std::vector<OperatorStateDescription> operator_states = {};
  int max_parallelism = 0;  // that the program set on this operator, and so on its vertex; 0: none
  OperatorCode code = {};
};

// What only the program's own process has of an edge.
struct EdgeCode {
  const BatchType* type = nullptr;
  std::shared_ptr<const KeyHasherFactory> key_hasher = {};
  std::shared_ptr<const RowPartitionerFactory> custom_partitioner = {};
};

// A hand-over inside a chain: kForward, or kHash where one subtask feeds one (the hashes are still needed, by the state of the target).
struct ChainEdge {
  int source_operator = 0;  // index in JobVertex::operators
  int target_operator = 0;  // index in JobVertex::operators, > source_operator
  int source_output = 0;    // 0: main output; i + 1: side output i of the source operator
  Partitioner partitioner = Partitioner::kForward;
  EdgeCode code = {};
};

struct JobVertex {
  VertexId id = {};       // that of its first operator
  std::string name = {};  // Flink's form: "Source: lines -> (Map, Filter -> Sink: print)"
  std::string description = {};
  std::vector<JobOperator> operators = {};  // [0] takes the vertex' inputs; each stands after the one that feeds it
  std::vector<ChainEdge> chain = {};
  std::vector<int> inputs = {};   // indices in JobGraph::edges; the position here is the number of the input gate
  std::vector<int> outputs = {};  // indices in JobGraph::edges; the position here is the number of the result
  int parallelism = 1;
  int max_parallelism = 128;
  bool is_max_parallelism_derived = true;  // nobody set it: a new job may choose another when it restores nothing
  std::string slot_sharing_group = {};
  bool is_blocking = false;  // some operator is: the tasks get threads of their own

  bool is_source() const { return operators[0].kind == NodeKind::kSource; }
};

// An exchange between two vertices. The consumer's tasks have one input gate for it, the producer's one result.
struct JobEdge {
  int source_vertex = 0;    // index in JobGraph::vertices
  int source_operator = 0;  // index in the source vertex' operators
  int source_output = 0;    // 0: main output; i + 1: side output i of that operator
  int result = 0;           // position among the source vertex' outputs
  int target_vertex = 0;
  int gate = 0;                                     // position among the target vertex' inputs
  int target_input = 0;                             // of the target's first operator; the edges of a union share it
  Partitioner partitioner = Partitioner::kForward;  // never kAuto
  int64_t buffer_timeout_ms = 100;
  std::string record_schema = {};
  EdgeCode code = {};
};

struct JobGraph {
  JobId id = {};  // zero until the job is submitted
  std::string name = {};
  std::vector<JobVertex> vertices = {};  // producers before their consumers
  std::vector<JobEdge> edges = {};
  std::vector<std::pair<std::string, std::string>> configuration = {};
  GraphFingerprint fingerprint = {};
  JobProgram program = {};

  // The index of this vertex, or -1.
  int IndexOf(const VertexId& vertex) const;
  // The vertex and the position in it of this operator, or {-1, -1}.
  std::pair<int, int> Locate(const OperatorId& operator_id) const;
};

}  // namespace weir
