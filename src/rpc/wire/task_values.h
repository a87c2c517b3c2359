// Slots, checkpoints and task states as messages. Messages are overwritten.
#pragma once

#include "weir/rpc/checkpoint_messages.h"
#include "weir/rpc/job_master_gateway.h"
#include "weir/rpc/slot_messages.h"
#include "weir/rpc/task_deployment.h"

namespace weir {

namespace v1 {
class CheckpointAcknowledgement;
class CheckpointDecline;
class CheckpointTrigger;
class MessageHeader;
class SlotOffer;
class SlotStatus;
class StatisticsReport;
class TaskStateUpdate;
class WatermarkReport;
}  // namespace v1

void ToProto(const MessageHeader& header, v1::MessageHeader& message);
MessageHeader FromProto(const v1::MessageHeader& message);

void ToProto(const SlotStatus& slot, v1::SlotStatus& message);
SlotStatus FromProto(const v1::SlotStatus& message);

void ToProto(const SlotOffer& offer, v1::SlotOffer& message);
SlotOffer FromProto(const v1::SlotOffer& message);

// The job is in the header; its leader is not part of the update.
void ToProto(LeaderId leader, const TaskStateUpdate& update, v1::TaskStateUpdate& message);
TaskStateUpdate FromProto(const v1::TaskStateUpdate& message);

// Whose checkpoint it is, is not part of the trigger.
void ToProto(const CheckpointTrigger& trigger, v1::CheckpointTrigger& message);
CheckpointTrigger FromProto(const v1::CheckpointTrigger& message);

void ToProto(const CheckpointAcknowledgement& acknowledgement, v1::CheckpointAcknowledgement& message);
// kDataLoss if the state is damaged.
StatusOr<CheckpointAcknowledgement> FromProto(const v1::CheckpointAcknowledgement& message);

void ToProto(const CheckpointDecline& decline, v1::CheckpointDecline& message);
CheckpointDecline FromProto(const v1::CheckpointDecline& message);

// Whose report it is, is not part of it.
void ToProto(const WatermarkReport& report, v1::WatermarkReport& message);
WatermarkReport FromProto(const v1::WatermarkReport& message);

void ToProto(const StatisticsReport& report, v1::StatisticsReport& message);
StatisticsReport FromProto(const v1::StatisticsReport& message);

}  // namespace weir
