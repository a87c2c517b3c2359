#include "weir/graph/job/job_graph_codec.h"

#include <bit>
#include <cstddef>
#include <cstring>
#include <utility>

#include "weir/v1/job_graph.pb.h"

namespace weir {
namespace {

constexpr uint32_t kFormat = 1;

// Enumerations are stored one higher than in memory, so that 0 is "not set".
template <class Stored, class Enum>
Stored Store(Enum value) {
  return static_cast<Stored>(static_cast<int>(value) + 1);
}

// False if `stored` is not one of the `count` values of Enum.
template <class Stored, class Enum>
bool Restore(Stored stored, int count, Enum& value) {
  const int number = static_cast<int>(stored) - 1;
  if (number < 0 || number >= count) return false;
  value = static_cast<Enum>(number);
  return true;
}

// kAuto, the first partitioner in memory, never travels, so these have the same numbers.
v1::Partitioner StorePartitioner(Partitioner partitioner) { return static_cast<v1::Partitioner>(partitioner); }

// High word first, so that the bytes read as the hexadecimal form does.
template <class Id>
std::string StoreId(const Id& id) {
  if (id.value().IsZero()) return {};
  const uint64_t words[2] = {__builtin_bswap64(id.value().high), __builtin_bswap64(id.value().low)};
  return std::string(reinterpret_cast<const char*>(words), sizeof(words));
}

template <class Id>
bool RestoreId(const std::string& bytes, Id& id) {
  if (bytes.empty()) return true;
  uint64_t words[2];
  if (bytes.size() != sizeof(words)) return false;
  std::memcpy(words, bytes.data(), sizeof(words));
  id = Id(Id128{__builtin_bswap64(words[0]), __builtin_bswap64(words[1])});
  return true;
}

void StoreOperator(const JobOperator& each, v1::JobOperator& out) {
  out.set_id(StoreId(each.id));
  out.set_restore_id(StoreId(each.restore_id));
  out.set_node_id(each.node_id);
  out.set_kind(Store<v1::NodeKind>(each.kind));
  out.set_name(each.name);
  out.set_description(each.description);
  out.set_uid(each.uid);
  out.set_is_blocking(each.is_blocking);
  out.set_is_bounded(each.is_bounded);
  for (const std::string& schema : each.input_schemas) out.add_input_schemas(schema);
  for (const std::string& schema : each.stored_input_schemas) out.add_stored_input_schemas(schema);
  out.set_output_schema(each.output_schema);
  for (const SideOutputDescription& side : each.side_outputs) {
    v1::SideOutput& stored = *out.add_side_outputs();
    stored.set_tag(side.tag);
    stored.set_schema(side.schema);
  }
  out.set_key_schema(each.key_schema);
  out.set_stored_key_schema(each.stored_key_schema);
  out.set_max_parallelism(each.max_parallelism);
  for (const StateDescription& state : each.states) {
    v1::KeyedState& stored = *out.add_states();
    stored.set_name(state.name);
    stored.set_kind(Store<v1::StateKind>(state.kind));
    stored.set_schema(state.schema);
    stored.set_ttl_ms(state.ttl.count());
    stored.set_stored_schema(state.stored_schema);
  }
  for (const OperatorStateDescription& state : each.operator_states) {
    v1::OperatorState& stored = *out.add_operator_states();
    stored.set_name(state.name);
    stored.set_redistribution(Store<v1::Redistribution>(state.redistribution));
    stored.set_schema(state.schema);
    stored.set_stored_schema(state.stored_schema);
  }
}

void StoreVertex(const JobVertex& vertex, v1::JobVertex& out) {
  out.set_id(StoreId(vertex.id));
  out.set_name(vertex.name);
  out.set_description(vertex.description);
  for (const JobOperator& each : vertex.operators) StoreOperator(each, *out.add_operators());
  for (const ChainEdge& edge : vertex.chain) {
    v1::ChainEdge& stored = *out.add_chain();
    stored.set_source_operator(edge.source_operator);
    stored.set_target_operator(edge.target_operator);
    stored.set_source_output(edge.source_output);
    stored.set_partitioner(StorePartitioner(edge.partitioner));
  }
  out.set_parallelism(vertex.parallelism);
  out.set_max_parallelism(vertex.max_parallelism);
  out.set_is_max_parallelism_derived(vertex.is_max_parallelism_derived);
  out.set_slot_sharing_group(vertex.slot_sharing_group);
  out.set_is_blocking(vertex.is_blocking);
}

void StoreEdge(const JobEdge& edge, v1::JobEdge& out) {
  out.set_source_vertex(edge.source_vertex);
  out.set_source_operator(edge.source_operator);
  out.set_source_output(edge.source_output);
  out.set_target_vertex(edge.target_vertex);
  out.set_target_input(edge.target_input);
  out.set_partitioner(StorePartitioner(edge.partitioner));
  out.set_buffer_timeout_ms(edge.buffer_timeout_ms);
  out.set_record_schema(edge.record_schema);
}

void StoreFingerprint(const GraphFingerprint& fingerprint, v1::GraphFingerprint& out) {
  for (const OperatorFingerprint& each : fingerprint.operators) {
    v1::GraphFingerprint::Operator& stored = *out.add_operators();
    stored.set_id(StoreId(each.id));
    stored.set_name(each.name);
    for (const OperatorFact& fact : each.facts) {
      v1::GraphFingerprint::Fact& stored_fact = *stored.add_facts();
      stored_fact.set_subject(fact.subject);
      stored_fact.set_value(fact.value);
    }
  }
  for (const std::string& argument : fingerprint.arguments) out.add_arguments(argument);
  out.set_executable(fingerprint.executable);
}

void StoreProgram(const JobProgram& program, v1::JobProgram& out) {
  out.set_executable(program.executable);
  out.set_name(program.name);
  out.set_working_directory(program.working_directory);
  for (const EarlierJob& each : program.earlier) {
    v1::EarlierJob& stored = *out.add_earlier();
    stored.set_job_id(StoreId(each.job_id));
    stored.set_name(each.name);
    stored.set_code(static_cast<int32_t>(each.status.code()));
    stored.set_message(std::string(each.status.message()));
    for (const auto& [name, value] : each.accumulators) {
      v1::EarlierJob::Sum& sum = *stored.add_accumulators();
      sum.set_name(name);
      sum.set_value(value);
    }
    stored.set_runtime_ms(each.runtime.count());
    stored.set_is_detached(each.is_detached);
  }
  out.set_library_build_id(program.library_build_id);
  out.set_library(program.library);
  for (const ShippedFile& file : program.files) {
    v1::ShippedFile& stored = *out.add_files();
    stored.set_name(file.name);
    stored.set_number(file.number + 1);
    stored.set_sha256(file.sha256);
    stored.set_path(file.path);
    stored.set_is_library(file.is_library);
  }
}

// Reads one message; the first contradiction makes the rest of it worthless and is what is reported.
class Reader {
 public:
  StatusOr<JobGraph> Read(const v1::JobGraph& in) {
    if (in.format() > kFormat) {
      return UnimplementedError("the job graph \"" + in.name() + "\" has format " + std::to_string(in.format()) +
                                ", and this version of Weir reads formats up to " + std::to_string(kFormat) +
                                ". Use the version of Weir that the job was built with, or a newer one");
    }
    Require(in.format() >= 1, "its format is missing");
    Require(RestoreId(in.job_id(), graph_.id), "its job id is not 16 bytes");
    graph_.name = in.name();
    for (const v1::JobVertex& vertex : in.vertices()) graph_.vertices.push_back(ReadVertex(vertex));
    for (const v1::JobEdge& edge : in.edges()) ReadEdge(edge);
    for (const v1::ConfigurationEntry& entry : in.configuration()) {
      graph_.configuration.emplace_back(entry.key(), entry.value());
    }
    ReadFingerprint(in.fingerprint());
    ReadProgram(in.program());
    if (!mistake_.empty()) return DataLossError("the job graph \"" + in.name() + "\" is damaged: " + mistake_);
    return std::move(graph_);
  }

 private:
  bool Require(bool holds, const std::string& mistake) {
    if (!holds && mistake_.empty()) mistake_ = mistake;
    return holds;
  }

  JobVertex ReadVertex(const v1::JobVertex& in) {
    JobVertex vertex;
    const std::string what = "vertex \"" + in.name() + "\"";
    Require(RestoreId(in.id(), vertex.id) && !vertex.id.value().IsZero(), "the id of " + what + " is not 16 bytes");
    vertex.name = in.name();
    vertex.description = in.description();
    Require(in.operators_size() > 0, what + " has no operators");
    for (const v1::JobOperator& each : in.operators()) vertex.operators.push_back(ReadOperator(each));
    for (const v1::ChainEdge& edge : in.chain()) ReadChainEdge(edge, what, vertex);
    vertex.parallelism = in.parallelism();
    vertex.max_parallelism = in.max_parallelism();
    Require(vertex.parallelism >= 1 && vertex.parallelism <= vertex.max_parallelism,
            what + " has parallelism " + std::to_string(vertex.parallelism) + " of at most " +
                std::to_string(vertex.max_parallelism));
    vertex.is_max_parallelism_derived = in.is_max_parallelism_derived();
    vertex.slot_sharing_group = in.slot_sharing_group();
    vertex.is_blocking = in.is_blocking();
    return vertex;
  }

  JobOperator ReadOperator(const v1::JobOperator& in) {
    JobOperator each;
    const std::string what = "operator \"" + in.name() + "\"";
    Require(RestoreId(in.id(), each.id) && !each.id.value().IsZero() && RestoreId(in.restore_id(), each.restore_id),
            "an id of " + what + " is not 16 bytes");
    each.node_id = in.node_id();
    Require(Restore(in.kind(), 3, each.kind), what + " is of an unknown kind");
    each.name = in.name();
    each.description = in.description();
    each.uid = in.uid();
    each.is_blocking = in.is_blocking();
    each.is_bounded = in.is_bounded();
    each.input_schemas.assign(in.input_schemas().begin(), in.input_schemas().end());
    each.stored_input_schemas.assign(in.stored_input_schemas().begin(), in.stored_input_schemas().end());
    each.output_schema = in.output_schema();
    for (const v1::SideOutput& side : in.side_outputs()) each.side_outputs.push_back({side.tag(), side.schema()});
    each.key_schema = in.key_schema();
    each.stored_key_schema = in.stored_key_schema();
    each.max_parallelism = in.max_parallelism();
    for (const v1::KeyedState& state : in.states()) {
      StateKind kind{};
      Require(Restore(state.kind(), 5, kind), "state \"" + state.name() + "\" of " + what + " is of an unknown kind");
      each.states.push_back({state.name(), kind, state.schema(), Duration(state.ttl_ms()), state.stored_schema()});
    }
    for (const v1::OperatorState& state : in.operator_states()) {
      Redistribution redistribution{};
      Require(Restore(state.redistribution(), 3, redistribution),
              "state \"" + state.name() + "\" of " + what + " is redistributed in an unknown way");
      each.operator_states.push_back({state.name(), redistribution, state.schema(), state.stored_schema()});
    }
    return each;
  }

  bool ReadPartitioner(v1::Partitioner stored, Partitioner& partitioner) {
    const bool is_known = stored >= v1::PARTITIONER_FORWARD && stored <= v1::PARTITIONER_CUSTOM;
    if (is_known) partitioner = static_cast<Partitioner>(stored);
    return Require(is_known, "an edge has an unknown partitioner");
  }

  // Whether `output` is one that `each` has.
  bool HasOutput(const JobOperator& each, int output) {
    return Require(output >= 0 && output <= static_cast<int>(each.side_outputs.size()),
                   "an edge begins at an output that operator \"" + each.name + "\" does not have");
  }

  void ReadChainEdge(const v1::ChainEdge& in, const std::string& what, JobVertex& vertex) {
    ChainEdge edge;
    edge.source_operator = in.source_operator();
    edge.target_operator = in.target_operator();
    edge.source_output = in.source_output();
    const bool is_ascending = edge.source_operator >= 0 && edge.source_operator < edge.target_operator &&
                              edge.target_operator < static_cast<int>(vertex.operators.size());
    if (!Require(is_ascending, what + " has an edge to an operator that is not behind it")) return;
    if (!HasOutput(vertex.operators[edge.source_operator], edge.source_output)) return;
    if (!ReadPartitioner(in.partitioner(), edge.partitioner)) return;
    vertex.chain.push_back(std::move(edge));
  }

  void ReadEdge(const v1::JobEdge& in) {
    JobEdge edge;
    edge.source_vertex = in.source_vertex();
    edge.source_operator = in.source_operator();
    edge.source_output = in.source_output();
    edge.target_vertex = in.target_vertex();
    edge.target_input = in.target_input();
    edge.buffer_timeout_ms = in.buffer_timeout_ms();
    edge.record_schema = in.record_schema();
    const bool is_ascending = edge.source_vertex >= 0 && edge.source_vertex < edge.target_vertex &&
                              edge.target_vertex < static_cast<int>(graph_.vertices.size());
    if (!Require(is_ascending, "an edge leads to a vertex that is not behind its producer")) return;
    JobVertex& producer = graph_.vertices[edge.source_vertex];
    JobVertex& consumer = graph_.vertices[edge.target_vertex];
    const bool has_operator =
        edge.source_operator >= 0 && edge.source_operator < static_cast<int>(producer.operators.size());
    if (!Require(has_operator, "an edge begins at an operator that vertex \"" + producer.name + "\" does not have"))
      return;
    if (!HasOutput(producer.operators[edge.source_operator], edge.source_output)) return;
    if (!ReadPartitioner(in.partitioner(), edge.partitioner)) return;
    edge.result = static_cast<int>(producer.outputs.size());
    edge.gate = static_cast<int>(consumer.inputs.size());
    const int number = static_cast<int>(graph_.edges.size());
    producer.outputs.push_back(number);
    consumer.inputs.push_back(number);
    graph_.edges.push_back(std::move(edge));
  }

  void ReadFingerprint(const v1::GraphFingerprint& in) {
    for (const v1::GraphFingerprint::Operator& stored : in.operators()) {
      OperatorFingerprint each;
      Require(RestoreId(stored.id(), each.id), "an operator id of its fingerprint is not 16 bytes");
      each.name = stored.name();
      for (const v1::GraphFingerprint::Fact& fact : stored.facts())
        each.facts.push_back({fact.subject(), fact.value()});
      graph_.fingerprint.operators.push_back(std::move(each));
    }
    graph_.fingerprint.arguments.assign(in.arguments().begin(), in.arguments().end());
    graph_.fingerprint.executable = in.executable();
  }

  void ReadProgram(const v1::JobProgram& in) {
    JobProgram& program = graph_.program;
    program.executable = in.executable();
    program.name = in.name();
    program.working_directory = in.working_directory();
    for (const v1::EarlierJob& stored : in.earlier()) {
      EarlierJob& each = program.earlier.emplace_back();
      Require(RestoreId(stored.job_id(), each.job_id), "the id of an earlier job is not 16 bytes");
      const bool is_code = stored.code() >= 0 && stored.code() <= static_cast<int>(StatusCode::kDataLoss);
      Require(is_code, "an earlier job ended with the unknown code " + std::to_string(stored.code()));
      if (is_code && stored.code() != 0) {
        each.status = weir::Status(static_cast<StatusCode>(stored.code()), stored.message());
      }
      each.name = stored.name();
      for (const v1::EarlierJob::Sum& sum : stored.accumulators()) {
        each.accumulators.emplace_back(sum.name(), sum.value());
      }
      each.runtime = Duration(stored.runtime_ms());
      each.is_detached = stored.is_detached();
    }
    program.library_build_id = in.library_build_id();
    program.library = in.library();
    for (const v1::ShippedFile& stored : in.files()) {
      // The name becomes a path on other machines.
      const bool is_name = !stored.name().empty() && stored.name().find('/') == std::string::npos &&
                           stored.name() != "." && stored.name() != "..";
      Require(is_name, "a shipped file has the name \"" + stored.name() + "\"");
      program.files.push_back({.name = stored.name(),
                               .number = stored.number() - 1,
                               .sha256 = stored.sha256(),
                               .path = stored.path(),
                               .is_library = stored.is_library()});
    }
  }

  JobGraph graph_;
  std::string mistake_;
};

}  // namespace

void ToProto(const JobGraph& graph, v1::JobGraph& message) {
  message.Clear();
  message.set_format(kFormat);
  message.set_job_id(StoreId(graph.id));
  message.set_name(graph.name);
  for (const JobVertex& vertex : graph.vertices) StoreVertex(vertex, *message.add_vertices());
  for (const JobEdge& edge : graph.edges) StoreEdge(edge, *message.add_edges());
  for (const auto& [key, value] : graph.configuration) {
    v1::ConfigurationEntry& stored = *message.add_configuration();
    stored.set_key(key);
    stored.set_value(value);
  }
  StoreFingerprint(graph.fingerprint, *message.mutable_fingerprint());
  if (graph.program.IsKnown() || !graph.program.files.empty()) StoreProgram(graph.program, *message.mutable_program());
}

StatusOr<JobGraph> FromProto(const v1::JobGraph& message) { return Reader().Read(message); }

std::string EncodeJobGraph(const JobGraph& graph) {
  v1::JobGraph message;
  ToProto(graph, message);
  return message.SerializeAsString();
}

StatusOr<JobGraph> DecodeJobGraph(std::string_view bytes) {
  v1::JobGraph message;
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return DataLossError("these " + std::to_string(bytes.size()) +
                         " bytes are no job graph: protobuf cannot parse them");
  }
  return FromProto(message);
}

}  // namespace weir
