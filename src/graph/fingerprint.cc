#include "weir/graph/fingerprint.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "weir/graph/graph_topology.h"
#include "weir/graph/operator_id.h"
#include "weir/types/schema/schema.h"

namespace weir {
namespace {

std::string SchemaText(const BatchType* type) {
  if (type == nullptr) return "none";
  return type->schema != nullptr ? type->schema().ToString() : std::string(type->name);
}

std::string KindText(NodeKind kind) {
  if (kind == NodeKind::kSource) return "source";
  return kind == NodeKind::kSink ? "sink" : "operator";
}

std::string StateText(const StateDeclaration& state) {
  static constexpr const char* kNames[] = {"value", "list", "map", "reducing", "aggregating"};
  std::string text = kNames[static_cast<size_t>(state.kind)];
  if (state.ops != nullptr && state.ops->schema != nullptr) text += " of " + state.ops->schema().ToString();
  return text;
}

// `number` tells apart several edges between the same two operators.
OperatorFact EdgeFact(const StreamGraph& graph, const GraphTopology& topology, int edge_index, size_t number,
                      const std::vector<OperatorId>& ids) {
  const StreamEdge& edge = graph.edges[edge_index];
  std::string value = "operator " + ids[topology.source(edge_index)].ToHex() + " by " +
                      std::string(PartitionerName(edge.partitioner)) + " into input " +
                      std::to_string(edge.target_input);
  if (!edge.side_output.empty()) value += " from side output \"" + edge.side_output + "\"";
  return {"producer " + std::to_string(number + 1), std::move(value)};
}

std::vector<OperatorFact> FactsOf(const StreamGraph& graph, const GraphTopology& topology, int index,
                                  const std::vector<OperatorId>& ids) {
  const StreamNode& node = graph.nodes[index];
  std::vector<OperatorFact> facts = {{"kind", KindText(node.kind)}, {"uid", node.uid}, {"uid hash", node.uid_hash}};
  const std::vector<int>& inputs = topology.inputs(index);
  for (size_t i = 0; i < inputs.size(); ++i) facts.push_back(EdgeFact(graph, topology, inputs[i], i, ids));
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    facts.push_back({"type of input " + std::to_string(i + 1), SchemaText(node.inputs[i])});
  }
  facts.push_back({"type of its output", SchemaText(node.output)});
  for (const SideOutput& side : node.side_outputs) {
    facts.push_back({"side output \"" + side.tag + "\"", SchemaText(side.type)});
  }
  if (node.key_schema != nullptr) facts.push_back({"key", node.key_schema().ToString()});
  for (const StateDeclaration& state : node.states) {
    facts.push_back({"state \"" + state.name + "\"", StateText(state)});
  }
  for (const OperatorStateDeclaration& state : node.operator_states) {
    facts.push_back({"operator state \"" + state.name + "\"", state.schema});
  }
  return facts;
}

std::string ValueOf(const OperatorFingerprint& from, const std::string& subject) {
  for (const OperatorFact& fact : from.facts) {
    if (fact.subject == subject) return fact.value.empty() ? "none" : fact.value;
  }
  return "none";
}

// "state "seen" is value of int64 there and value of int32 here": the first fact that differs.
std::string FirstDifference(const OperatorFingerprint& submitted, const OperatorFingerprint& rebuilt) {
  for (const std::vector<OperatorFact>* facts : {&submitted.facts, &rebuilt.facts}) {
    for (const OperatorFact& fact : *facts) {
      const std::string there = ValueOf(submitted, fact.subject);
      const std::string here = ValueOf(rebuilt, fact.subject);
      if (there != here) return fact.subject + " was " + there + " and is now " + here;
    }
  }
  return "its parts are in another order";
}

Status Mismatch(const std::string& what) {
  return FailedPreconditionError(
      "this process built another dataflow than the one that was submitted: " + what +
      ". main() must build the same graph whenever it runs with the same arguments: it may not depend on the time, on "
      "random numbers, on the machine, or on files that are not shipped with the job (ShipFile)");
}

Status CompareArguments(const GraphFingerprint& submitted, const GraphFingerprint& rebuilt) {
  const size_t count = std::max(submitted.arguments.size(), rebuilt.arguments.size());
  for (size_t i = 0; i < count; ++i) {
    const std::string there = i < submitted.arguments.size() ? "\"" + submitted.arguments[i] + "\"" : "missing";
    const std::string here = i < rebuilt.arguments.size() ? "\"" + rebuilt.arguments[i] + "\"" : "missing";
    if (there != here) return Mismatch("argument " + std::to_string(i + 1) + " was " + there + " and is now " + here);
  }
  return OkStatus();
}

}  // namespace

std::string GraphFingerprint::Digest() const {
  // Every text with its length, so that no two lists give the same bytes.
  std::string bytes;
  const auto add = [&bytes](const std::string& text) { bytes += std::to_string(text.size()) + ":" + text; };
  for (const OperatorFingerprint& one : operators) {
    add(one.id.ToHex());
    for (const OperatorFact& fact : one.facts) {
      add(fact.subject);
      add(fact.value);
    }
  }
  add("arguments");
  for (const std::string& argument : arguments) add(argument);
  add("executable");
  add(executable);
  return Id128::FromName(bytes).ToHex();
}

GraphFingerprint FingerprintOf(const StreamGraph& graph, std::string executable) {
  GraphFingerprint fingerprint;
  fingerprint.arguments = graph.config.arguments;
  fingerprint.executable = std::move(executable);
  const GraphTopology topology(graph);
  const std::vector<OperatorId> ids = AssignOperatorIds(graph, topology);
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    fingerprint.operators.push_back({ids[i], graph.nodes[i].name, FactsOf(graph, topology, static_cast<int>(i), ids)});
  }
  return fingerprint;
}

Status CheckFingerprint(const GraphFingerprint& submitted, const GraphFingerprint& rebuilt) {
  const size_t common = std::min(submitted.operators.size(), rebuilt.operators.size());
  for (size_t i = 0; i < common; ++i) {
    const OperatorFingerprint& there = submitted.operators[i];
    const OperatorFingerprint& here = rebuilt.operators[i];
    if (there.facts == here.facts && there.id == here.id) continue;
    return Mismatch("of operator \"" + there.name + "\" (number " + std::to_string(i + 1) + "), " +
                    FirstDifference(there, here));
  }
  if (submitted.operators.size() > common) {
    return Mismatch("operator \"" + submitted.operators[common].name + "\" (number " + std::to_string(common + 1) +
                    ") is missing");
  }
  if (rebuilt.operators.size() > common) {
    return Mismatch("operator \"" + rebuilt.operators[common].name + "\" (number " + std::to_string(common + 1) +
                    ") was not submitted");
  }
  WEIR_RETURN_IF_ERROR(CompareArguments(submitted, rebuilt));
  if (submitted.executable != rebuilt.executable && !submitted.executable.empty() && !rebuilt.executable.empty()) {
    return Mismatch("the executable was " + submitted.executable + " and is now " + rebuilt.executable + " (SHA-256)");
  }
  return OkStatus();
}

}  // namespace weir
