// What TaskManagers and the ResourceManager tell the JobMaster of a job. All messages are one-way.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "weir/metrics/metric_snapshot.h"
#include "weir/rpc/checkpoint_messages.h"
#include "weir/rpc/slot_messages.h"
#include "weir/rpc/task_deployment.h"

namespace weir {

class TaskExecutorGateway;

// Numbers of the living tasks of one job on one TaskManager.
struct StatisticsReport {
  MessageHeader header;
  std::vector<std::pair<ExecutionAttemptId, TaskStatistics>> tasks;
};

// Threads: any; messages of one sender arrive in order. A TaskManager has one gateway for all jobs: the header says which job is meant. Messages of
// another leader's term, about an unknown job or about an attempt that is not the present one are dropped and counted.
class JobMasterGateway {
 public:
  virtual ~JobMasterGateway() = default;

  // `gateway` reaches the TaskManager that offers the slot. An offer that is not needed any more is answered with FreeSlot.
  virtual void OfferSlot(SlotOffer offer, std::shared_ptr<TaskExecutorGateway> gateway) = 0;
  virtual void UpdateTaskState(LeaderId leader, TaskStateUpdate update) = 0;
  // The reader of a source task can take splits.
  virtual void RegisterReader(MessageHeader header, ExecutionAttemptId attempt) = 0;
  virtual void RequestSplit(MessageHeader header, ExecutionAttemptId attempt) = 0;
  // The task has processed all its input, and waits for the checkpoint that covers it.
  virtual void NotifyEndOfData(MessageHeader header, ExecutionAttemptId attempt) = 0;
  virtual void AcknowledgeCheckpoint(CheckpointAcknowledgement acknowledgement) = 0;
  virtual void DeclineCheckpoint(CheckpointDecline decline) = 0;
  // From an aligned source. Answered by LimitWatermark. A gateway that does not carry the two leaves sources unaligned.
  virtual void ReportWatermark(MessageHeader header, ExecutionAttemptId attempt, WatermarkReport report) {}
  virtual void ReportStatistics(StatisticsReport report) = 0;
  // Of one process of a TaskManager, for all jobs: whoever stands for them keeps the last.
  virtual void ReportMetrics(MetricReport report) {}
  // From the ResourceManager: the job waits for slots. Comes again whenever the numbers may have changed.
  virtual void NotifySlotShortage(SlotShortage shortage) = 0;
  // From the ResourceManager: everything that the job had there is gone.
  virtual void TaskExecutorLost(MessageHeader header, TaskManagerId task_manager, Status cause) = 0;
};

}  // namespace weir
