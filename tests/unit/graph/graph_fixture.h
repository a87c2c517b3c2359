// A tiny language for stream graphs in tests:
//
//   TestGraph graph;
//   const int lines = graph.Source("lines");
//   const int words = graph.Operator("words", {lines});
//   graph.Sink("print", {words});
//   graph.Node(words).parallelism = 4;
//   graph.LastEdge().partitioner = Partitioner::kHash;
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <utility>

#include "weir/graph/job/job_graph.h"
#include "weir/graph/stream_graph.h"
#include "weir/types/schema/schema.h"

namespace weir::graph_test {

inline const Schema& NumberSchema() {
  static const Schema schema(TypeKind::kInt64);
  return schema;
}
inline const Schema& TextSchema() {
  static const Schema schema(TypeKind::kString);
  return schema;
}

inline BatchType FakeType(const char* name, const Schema& (*schema)()) {
  BatchType type{};
  type.name = name;
  type.schema = schema;
  return type;
}
inline const BatchType kNumbers = FakeType("int64", NumberSchema);
inline const BatchType kText = FakeType("std::string", TextSchema);

inline ValueOps FakeOps(const Schema& (*schema)()) {
  ValueOps ops{};
  ops.schema = schema;
  return ops;
}
inline const ValueOps kNumberOps = FakeOps(NumberSchema);
inline const ValueOps kTextOps = FakeOps(TextSchema);

class NoOperator final : public OperatorFactory {
 public:
  weir::Operator* Make() const override { return nullptr; }
};
class NoHasher final : public KeyHasherFactory {
 public:
  KeyHasher* Make() const override { return nullptr; }
};

// A stream graph whose records are all numbers.
class TestGraph {
 public:
  TestGraph() { graph_.config.job_name = "test"; }

  int Source(std::string name) { return Add(NodeKind::kSource, std::move(name), {}); }
  // The inputs are united.
  int Operator(std::string name, std::initializer_list<int> inputs) {
    return Add(NodeKind::kOperator, std::move(name), inputs);
  }
  int Sink(std::string name, std::initializer_list<int> inputs) {
    return Add(NodeKind::kSink, std::move(name), inputs);
  }
  // Two inputs of their own.
  int CoOperator(std::string name, int first, int second) {
    const int id = Add(NodeKind::kOperator, std::move(name), {first, second});
    Node(id).inputs = {&kNumbers, &kNumbers};
    LastEdge().target_input = 1;
    return id;
  }
  // An operator behind a hash edge.
  int Keyed(std::string name, int input) {
    const int id = Operator(std::move(name), {input});
    LastEdge().partitioner = Partitioner::kHash;
    LastEdge().key_hasher = std::make_shared<NoHasher>();
    Node(id).key_schema = NumberSchema;
    return id;
  }

  StreamNode& Node(int id) { return graph_.nodes[id - 1]; }
  StreamEdge& LastEdge() { return graph_.edges.back(); }
  StreamGraphConfig& config() { return graph_.config; }
  StreamGraph& graph() { return graph_; }

 private:
  int Add(NodeKind kind, std::string name, std::initializer_list<int> inputs) {
    const int id = static_cast<int>(graph_.nodes.size()) + 1;
    StreamNode node{.id = id, .kind = kind, .name = std::move(name)};
    node.factory = std::make_shared<NoOperator>();
    if (kind != NodeKind::kSource) node.inputs = {&kNumbers};
    if (kind != NodeKind::kSink) node.output = &kNumbers;
    graph_.nodes.push_back(std::move(node));
    for (int input : inputs) graph_.edges.push_back({.source = input, .target = id});
    return id;
  }

  StreamGraph graph_;
};

}  // namespace weir::graph_test
