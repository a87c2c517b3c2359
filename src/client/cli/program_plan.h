// The plan of a program's first job, without running it.
#pragma once

#include <string>

#include "weir/base/status.h"
#include "weir/client/cli/command_line_options.h"
#include "weir/graph/job/job_graph.h"

namespace weir::cli {

// What the options of the line set for the program's jobs. Errors are about the command line.
StatusOr<Configuration> PropertiesOf(const ParsedLine& line);

// Runs the program of the line in the PLAN role, up to its Execute(). What it prints goes to stderr. Errors say what the program did instead: it takes longer
// than client.timeout, ends before, or is no program of a job.
StatusOr<JobGraph> PlanOf(const ParsedLine& line, const Configuration& properties);

// The plan as a tree: sources at the left edge, behind every edge what reads from it. A vertex with several inputs is drawn once.
std::string PlanText(const JobGraph& graph);

}  // namespace weir::cli
