// The job graph as bytes and as a protobuf message (proto/weir/v1/job_graph.proto). Code does not travel: see attach_code.h.
#pragma once

#include <string>
#include <string_view>

#include "weir/base/status.h"
#include "weir/graph/job/job_graph.h"

namespace weir {

namespace v1 {
struct JobGraph;
}

// Overwrites `message`.
void ToProto(const JobGraph& graph, v1::JobGraph& message);

// kDataLoss if the message contradicts itself (an edge to a vertex that is not there, a cycle, an id of the wrong length),
// kUnimplemented if it was written by a newer version that this one cannot read.
StatusOr<JobGraph> FromProto(const v1::JobGraph& message);

// The message's bytes, the same for equal graphs.
std::string EncodeJobGraph(const JobGraph& graph);
StatusOr<JobGraph> DecodeJobGraph(std::string_view bytes);

}  // namespace weir
