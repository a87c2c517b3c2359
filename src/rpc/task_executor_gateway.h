// What the ResourceManager and JobMasters tell a TaskManager. All messages are one-way.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "weir/base/status.h"
#include "weir/rpc/checkpoint_messages.h"
#include "weir/rpc/job_messages.h"
#include "weir/rpc/slot_messages.h"
#include "weir/rpc/task_deployment.h"
#include "weir/rpc/task_manager_question.h"

namespace weir {

struct JobGraph;

// A task to run in a slot that the job has been given.
struct TaskSubmission {
  MessageHeader header;
  AllocationId allocation_id;
  TaskDeploymentDescriptor descriptor = {};
  std::shared_ptr<const JobGraph> graph = {};
};

// Threads: any; messages of one sender arrive in order. Messages of another leader's term or about an allocation or attempt that is not there are
// dropped and counted; only a submission is always answered, by a state update.
class TaskExecutorGateway {
 public:
  virtual ~TaskExecutorGateway() = default;

  // From the ResourceManager. Answered by OfferSlot to the job's JobMaster, or by NotifySlotFree if the slot is not free.
  virtual void RequestSlot(SlotRequest request) = 0;
  // The job needs the slot no more; tasks still in it are cancelled first.
  virtual void FreeSlot(MessageHeader header, AllocationId allocation_id) = 0;
  virtual void SubmitTask(TaskSubmission submission) = 0;
  virtual void CancelTask(MessageHeader header, ExecutionAttemptId attempt) = 0;
  virtual void AddSplits(MessageHeader header, ExecutionAttemptId attempt, std::vector<std::string> splits) = 0;
  virtual void NoMoreSplits(MessageHeader header, ExecutionAttemptId attempt) = 0;
  // A checkpoint begins; answered by AcknowledgeCheckpoint or DeclineCheckpoint.
  virtual void TriggerCheckpoint(MessageHeader header, ExecutionAttemptId attempt, CheckpointTrigger trigger) = 0;
  // The checkpoint is complete: what it covers may be committed.
  virtual void NotifyCheckpointComplete(MessageHeader header, ExecutionAttemptId attempt, CheckpointId id) = 0;
  // The checkpoint is given up, and what the task wrote for it may be deleted.
  virtual void NotifyCheckpointAborted(MessageHeader header, ExecutionAttemptId attempt, CheckpointId id) = 0;
  // An aligned source pauses while its watermark is above `limit`.
  virtual void LimitWatermark(MessageHeader header, ExecutionAttemptId attempt, int64_t limit) {}
  // For people; the only message that is answered, at once or never.
  virtual void Ask(TaskManagerQuestion question, Reply<std::string> reply) {
    reply(UnimplementedError("this TaskManager answers no questions"));
  }
};

}  // namespace weir
