// What a running function may know about where it runs.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/base/status.h"

namespace weir {

class Clock;
class FileSystem;
class MetricGroup;

// A sum that a job's subtasks build up together; its total is in the JobExecutionResult.
class Accumulator {
 public:
  void Add(int64_t amount) { value_ += amount; }
  int64_t value() const { return value_; }

 private:
  int64_t value_ = 0;
};

// The accumulators of one subtask, by name. Threads: the task's thread.
class Accumulators {
 public:
  // The accumulator of that name, made at the first call. The reference stays valid as long as the task runs.
  Accumulator& Get(std::string_view name);
  // Every name and value so far.
  std::vector<std::pair<std::string, int64_t>> Snapshot() const;

 private:
  struct Entry {
    std::string name;
    Accumulator accumulator;
  };
  std::vector<std::unique_ptr<Entry>> entries_;
};

// One per subtask and operator, passed to Open. Valid until Close has returned.
class RuntimeContext {
 public:
  struct Values {
    std::string job_id;  // 32 hex digits
    std::string job_name;
    std::string operator_name;
    int subtask_index = 0;  // 0 .. parallelism - 1
    int parallelism = 1;
    int max_parallelism = 128;
    int attempt_number = 0;              // 0 at the first run, one more after each restart
    int64_t restored_checkpoint_id = 0;  // 0: started from nothing
    bool has_checkpoints = false;
    FileSystem* file_system = nullptr;
    const Clock* clock = nullptr;
    MetricGroup* metrics = nullptr;
    Accumulators* accumulators = nullptr;
    std::string ship_directory;  // where shipped files are on this machine; empty: each where the program named it
  };
  explicit RuntimeContext(Values values) : values_(std::move(values)) {}

  const std::string& job_id() const { return values_.job_id; }
  const std::string& job_name() const { return values_.job_name; }
  const std::string& operator_name() const { return values_.operator_name; }
  int subtask_index() const { return values_.subtask_index; }
  int parallelism() const { return values_.parallelism; }
  int max_parallelism() const { return values_.max_parallelism; }
  int attempt_number() const { return values_.attempt_number; }
  // Whether the job goes on from a checkpoint or savepoint, also where that has no state for this subtask; and its id.
  bool is_restored() const { return values_.restored_checkpoint_id != 0; }
  int64_t restored_checkpoint_id() const { return values_.restored_checkpoint_id; }
  // Whether the job takes checkpoints by itself (execution.checkpointing.interval); savepoints it may take in any case.
  bool has_checkpoints() const { return values_.has_checkpoints; }
  FileSystem& file_system() const { return *values_.file_system; }
  const Clock& clock() const { return *values_.clock; }
  MetricGroup& metrics() const { return *values_.metrics; }
  Accumulator& accumulator(std::string_view name) const { return values_.accumulators->Get(name); }
  // The path on this machine of a file that travels with the job: one of --ship by its name, or one of StreamExecutionEnvironment::ShipFile as it was named
  // there. In an embedded job files are where they were.
  std::string ShippedFile(std::string_view name) const;

 private:
  Values values_;
};

}  // namespace weir
