// Which attempts of a pipelined region run where: what all deployments of the region share.
//
//   DeployedRegion ── vertices ──▶ DeployedVertex: attempts and places by subtask
//         ▲  ▲
//         │  └── ChannelRange of a gate: "subtasks [begin, begin + count) of that vertex"
//         └───── ChannelRange of a result
//
// A task says only which range of the shared list its channels lead to. A list of its own per task would be 10^8 channels for 10 000 x 10 000 subtasks.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "weir/base/ids.h"

namespace weir {

// One subpartition of one result of one producing attempt: what exactly one input channel reads. Both sides derive the same id.
struct ChannelId {
  ExecutionAttemptId producer;
  int32_t result = 0;        // number of the JobEdge among the producer vertex' outputs
  int32_t subpartition = 0;  // which of the producer's channels of that result

  friend auto operator<=>(const ChannelId&, const ChannelId&) = default;
};

// A TaskManager, as those on whose tasks it has channels to reach it.
struct DataPeer {
  TaskManagerId task_manager = {};
  std::string address = {};  // of its data port, "host:port"; empty: it has none

  friend bool operator==(const DataPeer&, const DataPeer&) = default;
};

// A region's subtasks of one vertex.
struct DeployedVertex {
  int32_t vertex = 0;                             // number in the JobGraph
  int32_t first_subtask = 0;                      // whose entry is the first one
  std::vector<ExecutionAttemptId> attempts = {};  // by subtask
  std::vector<int32_t> places = {};               // by subtask: index among the region's TaskManagers

  friend bool operator==(const DeployedVertex&, const DeployedVertex&) = default;
};

struct DeployedRegion {
  int32_t number = 0;  // of the region among the job's
  std::vector<DataPeer> task_managers = {};
  std::vector<DeployedVertex> vertices = {};

  friend bool operator==(const DeployedRegion&, const DeployedRegion&) = default;
};

// Where the other end of a channel is: in the same worker, or on one of the region's TaskManagers.
constexpr int32_t kSameWorker = -1;

// The channels between a task and the subtasks of a vertex at the other end of an edge. Reads the region: it must have been set.
class ChannelRange {
 public:
  struct Values {
    int32_t vertex = 0;  // at the other end: index among the region's
    int32_t begin = 0;   // its first subtask that there is a channel to
    int32_t count = 0;
    int32_t result = 0;                // of the producing end
    int32_t subpartition = 0;          // of a gate's channels, all of them; a result's are numbered from 0
    int32_t here = 0;                  // where the task itself is: index among the region's TaskManagers
    ExecutionAttemptId producer = {};  // of a result: the task itself; of a gate: none, they are the region's
  };

  ChannelRange() = default;
  ChannelRange(std::shared_ptr<const DeployedRegion> region, const Values& values)
      : region_(std::move(region)), values_(values) {}

  // Whether the region has all of it.
  bool IsValid() const;

  size_t size() const { return static_cast<size_t>(values_.count); }
  ChannelId operator[](size_t channel) const;
  // Index among the region's TaskManagers, or kSameWorker.
  int32_t PeerOf(size_t channel) const;
  const Values& values() const { return values_; }

 private:
  bool is_result() const { return values_.producer != ExecutionAttemptId(); }
  const DeployedVertex& vertex() const { return region_->vertices[static_cast<size_t>(values_.vertex)]; }
  size_t EntryOf(size_t channel) const { return static_cast<size_t>(values_.begin - vertex().first_subtask) + channel; }

  std::shared_ptr<const DeployedRegion> region_;
  Values values_;
};

}  // namespace weir
