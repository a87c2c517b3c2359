// Jobs as messages: what clients and the JobManager tell each other. Messages are overwritten; what comes from a message was checked.
#pragma once

#include <string>

#include "weir/base/ids.h"
#include "weir/base/status.h"
#include "weir/rpc/checkpoint_messages.h"
#include "weir/rpc/job_messages.h"

namespace weir {

namespace v1 {
class JobDetails;
class JobOverview;
class JobResult;
class SavepointRequest;
class Status;
class SubmitJobRequest;
class TaskStatistics;
}  // namespace v1

// 16 bytes, high word first; empty for the zero id.
std::string IdBytes(const Id128& id);
template <class Tag>
std::string IdBytes(const StrongId<Tag, Id128>& id) {
  return IdBytes(id.value());
}
// The zero id for anything that is not 16 bytes: nothing has it, so that a damaged message is about nothing.
Id128 IdFromBytes(const std::string& bytes);
template <class Id>
Id IdFrom(const std::string& bytes) {
  return Id(IdFromBytes(bytes));
}

void ToProto(const Status& status, v1::Status& message);
Status FromProto(const v1::Status& message);

void ToProto(const TaskStatistics& statistics, v1::TaskStatistics& message);
TaskStatistics FromProto(const v1::TaskStatistics& message);

// The job's id and program are in the graph.
void ToProto(const JobSubmission& submission, v1::SubmitJobRequest& message);
StatusOr<JobSubmission> FromProto(const v1::SubmitJobRequest& message);

// The job is not part of the request.
void ToProto(const SavepointRequest& request, v1::SavepointRequest& message);
SavepointRequest FromProto(const v1::SavepointRequest& message);

void ToProto(const JobOverview& overview, v1::JobOverview& message);
JobOverview FromProto(const v1::JobOverview& message);
void ToProto(const JobResult& result, v1::JobResult& message);
JobResult FromProto(const v1::JobResult& message);
void ToProto(const JobDetails& details, v1::JobDetails& message);
JobDetails FromProto(const v1::JobDetails& message);

}  // namespace weir
