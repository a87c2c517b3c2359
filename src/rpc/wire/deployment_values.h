// Deployments as messages. What the deployments of a region share goes ahead of the first of them and is kept by both ends; messages are overwritten.
#pragma once

#include <map>
#include <memory>

#include "weir/rpc/task_deployment.h"

namespace weir {

namespace v1 {
class DeployedRegion;
class TaskDeployment;
}  // namespace v1

// Which regions of one job the other end of a stream knows. Threads: one.
class SentRegions {
 public:
  // True if `region` must be sent now. Null is no region.
  bool MustSend(const std::shared_ptr<const DeployedRegion>& region) {
    if (region == nullptr) return false;
    std::shared_ptr<const DeployedRegion>& known = regions_[region->number];
    if (known == region) return false;
    known = region;
    return true;
  }

 private:
  // By number, as they were sent last. Kept alive, so that no later one has the same address.
  std::map<int32_t, std::shared_ptr<const DeployedRegion>> regions_;
};

// The regions of one job as they have come over a stream. Threads: one.
class ReceivedRegions {
 public:
  // In place of an earlier deployment of the same region. kDataLoss: it contradicts itself.
  Status Take(const v1::DeployedRegion& message);
  // Null: none has come.
  std::shared_ptr<const DeployedRegion> Find(int32_t number) const {
    const auto found = regions_.find(number);
    return found == regions_.end() ? nullptr : found->second;
  }

 private:
  std::map<int32_t, std::shared_ptr<const DeployedRegion>> regions_;
};

void ToProto(const DeployedRegion& region, v1::DeployedRegion& message);

void ToProto(const TaskDeploymentDescriptor& deployment, v1::TaskDeployment& message);
// kDataLoss if the state to restore is damaged, or the channels are not in a region that has come.
StatusOr<TaskDeploymentDescriptor> FromProto(const v1::TaskDeployment& message, const ReceivedRegions& regions);

}  // namespace weir
