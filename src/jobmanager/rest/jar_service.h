// Programs that people upload through the REST API, and what can be done with them. Flink's name for them is kept: "jars" are job executables here.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/ids.h"
#include "weir/base/status.h"
#include "weir/base/time.h"

namespace weir {

struct JobGraph;

struct JarInfo {
  std::string id;    // "<uuid>_<name>", as Flink's
  std::string name;  // as it was uploaded
  Timestamp uploaded;
};

// A program and what it is started with.
struct JarProgram {
  std::string id;
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> configuration;  // of its job
  std::optional<JobId> job_id;
};

// A file on its way. One that is destroyed before Finish leaves nothing.
class JarUpload {
 public:
  virtual ~JarUpload() = default;
  // kOutOfRange: it has grown beyond the limit.
  virtual Status Append(std::string_view bytes) = 0;
  // kFailedPrecondition: it is no executable of this machine.
  virtual StatusOr<JarInfo> Finish() = 0;
};

// Threads: any; Plan and Run wait for the program.
class JarService {
 public:
  virtual ~JarService() = default;
  virtual StatusOr<std::unique_ptr<JarUpload>> Begin(const std::string& name) = 0;
  virtual StatusOr<std::vector<JarInfo>> List() = 0;
  virtual Status Delete(const std::string& id) = 0;
  virtual StatusOr<JobGraph> Plan(const JarProgram& program) = 0;
  // Submits the first job that the program executes.
  virtual StatusOr<JobId> Run(const JarProgram& program) = 0;
};

}  // namespace weir
