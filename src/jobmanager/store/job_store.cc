#include "weir/jobmanager/store/job_store.h"

#include <algorithm>
#include <utility>

#include "weir/base/coding.h"
#include "weir/base/file/file_contents.h"
#include "weir/base/file/file_path.h"
#include "weir/base/hash.h"
#include "weir/graph/job/job_graph.h"
#include "weir/rpc/wire/job_values.h"
#include "weir/v1/job_store.pb.h"

namespace weir {
namespace {

constexpr uint32_t kMagic = 0x424f4a57;  // "WJOB"
constexpr uint32_t kFormat = 1;
constexpr size_t kHeaderBytes = 16;

// The message behind its header: magic, format, hash of the message.
template <class Message>
std::string Encode(const Message& message) {
  const std::string body = message.SerializeAsString();
  ByteWriter writer;
  writer.PutU32(kMagic);
  writer.PutU32(kFormat);
  writer.PutU64(HashBytes(body));
  writer.PutBytes(body);
  return std::move(writer).Take();
}

template <class Message>
Status Decode(const std::string& bytes, Message& message) {
  if (bytes.size() < kHeaderBytes || LoadLittleEndian<uint32_t>(bytes.data()) != kMagic) {
    return DataLossError("it is no file of a job store, or is cut short");
  }
  const auto format = LoadLittleEndian<uint32_t>(bytes.data() + 4);
  if (format != kFormat) {
    return FailedPreconditionError("its format is " + std::to_string(format) + ", and this version reads " +
                                   std::to_string(kFormat) + ". Start the version that wrote it.");
  }
  const std::string_view body = std::string_view(bytes).substr(kHeaderBytes);
  if (HashBytes(body) != LoadLittleEndian<uint64_t>(bytes.data() + 8) ||
      !message.ParseFromArray(body.data(), static_cast<int>(body.size()))) {
    return DataLossError("its content is damaged: the checksum does not fit");
  }
  return OkStatus();
}

// The files of a folder that are named by a job's id; temporary ones are not.
StatusOr<std::vector<std::pair<JobId, FileInfo>>> ListByJob(FileSystem& files, const std::string& folder) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<FileInfo> found, files.List(folder));
  std::vector<std::pair<JobId, FileInfo>> by_job;
  for (const FileInfo& file : found) {
    const StatusOr<JobId> id = JobId::FromHex(BaseName(file.path));
    if (id.ok()) by_job.emplace_back(*id, file);
  }
  return by_job;
}

template <class Message>
Status Read(FileSystem& files, const std::string& path, Message& message) {
  WEIR_ASSIGN_OR_RETURN(const std::string bytes, ReadWholeFile(files, path));
  return Decode(bytes, message).Annotate("cannot use " + path);
}

}  // namespace

StatusOr<StoredJobs> JobStore::Load() {
  FileSystem& files = *options_.files;
  StoredJobs loaded;
  for (const char* folder : {"/jobs", "/results"}) {
    WEIR_RETURN_IF_ERROR(files.CreateDirectories(options_.folder + folder));
  }
  WEIR_ASSIGN_OR_RETURN(const auto results, ListByJob(files, options_.folder + "/results"));
  for (const auto& [id, file] : results) {
    v1::StoredResult stored;
    const Status read = Read(files, file.path, stored);
    if (read.ok()) {
      loaded.results.push_back(FromProto(stored.result()));
    } else {
      loaded.damaged.push_back(read);
    }
    // Whatever the result is: the job has ended.
    const Status gone = files.Delete(JobFile(id));
    if (!gone.ok() && gone.code() != StatusCode::kNotFound) return gone;
  }
  std::ranges::stable_sort(loaded.results, {}, &JobResult::end_time);
  WEIR_ASSIGN_OR_RETURN(const auto jobs, ListByJob(files, options_.folder + "/jobs"));
  std::vector<std::pair<int64_t, JobSubmission>> accepted;
  for (const auto& [id, file] : jobs) {
    v1::StoredJob stored;
    Status read = Read(files, file.path, stored);
    StatusOr<JobSubmission> job = read.ok() ? FromProto(stored.submission()) : StatusOr<JobSubmission>(read);
    if (job.ok()) {
      accepted.emplace_back(stored.accepted_ms(), *std::move(job));
    } else {
      loaded.damaged.push_back(job.status());
    }
  }
  std::ranges::stable_sort(accepted, {}, [](const auto& job) { return job.first; });
  for (auto& [time, job] : accepted) loaded.jobs.push_back(std::move(job));
  return loaded;
}

Status JobStore::PutJob(const JobSubmission& submission, Timestamp now) {
  WEIR_ASSIGN_OR_RETURN(const bool has_ended, options_.files->Exists(ResultFile(submission.job_id)));
  if (has_ended) {
    return AlreadyExistsError("job " + submission.job_id.ToHex() + " has ended; it does not run again under this id");
  }
  v1::StoredJob stored;
  ToProto(submission, *stored.mutable_submission());
  stored.set_accepted_ms(ToEventTime(now));
  return WriteFileAtomically(*options_.files, JobFile(submission.job_id), Encode(stored));
}

Status JobStore::PutResult(const JobResult& result) {
  v1::StoredResult stored;
  ToProto(result, *stored.mutable_result());
  WEIR_RETURN_IF_ERROR(WriteFileAtomically(*options_.files, ResultFile(result.job_id), Encode(stored)));
  // From here on it has ended. What cannot be deleted is deleted at the next start.
  static_cast<void>(options_.files->Delete(JobFile(result.job_id)));
  return ForgetOldResults();
}

Status JobStore::ForgetOldResults() {
  WEIR_ASSIGN_OR_RETURN(auto results, ListByJob(*options_.files, options_.folder + "/results"));
  if (results.size() <= options_.kept_results) return OkStatus();
  std::ranges::stable_sort(results, {}, [](const auto& each) { return each.second.modified; });
  Status first;
  for (size_t i = 0; i + options_.kept_results < results.size(); ++i)
    first.Update(options_.files->Delete(results[i].second.path));
  return first;
}

}  // namespace weir
