// What must be equal between the graph that was submitted and the graph that a worker builds by running main() again.
//
// It covers, per operator, its id, kind, uid, inputs, record, key and state schemas, and the program's arguments and executable. It does not cover
// names, parallelism and configuration: a worker takes those from the deployed graph.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "weir/base/ids.h"
#include "weir/base/status.h"
#include "weir/graph/stream_graph.h"

namespace weir {

// One statement about an operator: {"output", "Flight{id: int64, ...}"}.
struct OperatorFact {
  std::string subject;
  std::string value;

  friend bool operator==(const OperatorFact&, const OperatorFact&) = default;
};

struct OperatorFingerprint {
  OperatorId id;
  std::string name;  // for messages; not compared
  std::vector<OperatorFact> facts;
};

struct GraphFingerprint {
  std::vector<OperatorFingerprint> operators;  // in the order of the program
  std::vector<std::string> arguments;
  std::string executable;  // SHA-256 of the job's executable in hexadecimal; empty: not known (an embedded job)

  // 32 hexadecimal digits over everything that is compared.
  std::string Digest() const;
};

// `graph` is valid (ValidateStreamGraph).
GraphFingerprint FingerprintOf(const StreamGraph& graph, std::string executable = {});

// OK if `rebuilt`, the graph of this process, is the graph that was submitted. Otherwise kFailedPrecondition names the first operator that differs, in
// what, and both values. An empty executable on either side is not compared.
Status CheckFingerprint(const GraphFingerprint& submitted, const GraphFingerprint& rebuilt);

}  // namespace weir
