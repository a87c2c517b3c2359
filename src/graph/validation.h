// Finds what is wrong with a program's dataflow before anything runs.
#pragma once

#include <string>

#include "weir/base/status.h"
#include "weir/graph/stream_graph.h"

namespace weir {

// OK, or all mistakes in one error, each naming its operator and saying what to do.
Status ValidateStreamGraph(const StreamGraph& graph);

// How messages name an operator: `operator "Map" (number 3)`, with its uid if it has one.
std::string DescribeOperator(const StreamNode& node);

}  // namespace weir
