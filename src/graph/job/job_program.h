// How to run the program that a job graph came from, so that it builds the same graph again (proto/weir/v1/job_graph.proto).
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/ids.h"
#include "weir/base/status.h"
#include "weir/base/time.h"

namespace weir {

// What an Execute() call before the job's own returned; workers return it again.
struct EarlierJob {
  JobId job_id = {};
  std::string name = {};
  Status status = {};
  std::vector<std::pair<std::string, int64_t>> accumulators = {};
  Duration runtime{0};
  // It was only submitted: nobody knew its result.
  bool is_detached = false;
};

// A file that travels with the job.
struct ShippedFile {
  // "rules.json": its name on every machine, in a folder of its own if `number` says so.
  std::string name = {};
  int32_t number = -1;      // of the program's ShipFile() call; -1: --ship, or a library of the program
  std::string sha256 = {};  // empty until it was uploaded
  std::string path = {};    // on the machine of whoever submits it
  bool is_library = false;  // the program is started with it in its library path
};

struct JobProgram {
  // SHA-256 in hexadecimal; empty: the graph never leaves the process that built it.
  std::string executable = {};
  std::string name = {};
  // Relative paths on the command line mean this folder, where it exists.
  std::string working_directory = {};
  std::vector<EarlierJob> earlier = {};
  // The libweir.so that it was linked with: GNU build id, and SHA-256 if it travels with the job.
  std::string library_build_id = {};
  std::string library = {};
  std::vector<ShippedFile> files = {};

  bool IsKnown() const { return !executable.empty(); }
};

}  // namespace weir
