#include "weir/base/log_context.h"

#include <utility>

namespace weir {
namespace {

thread_local std::string_view current_job;

// Never destroyed: threads may log while statics are.
std::string& ProcessJob() {
  static auto* const job = new std::string;
  return *job;
}

}  // namespace

std::string_view LogJob::Current() { return current_job.empty() ? std::string_view(ProcessJob()) : current_job; }
void LogJob::SetProcess(std::string job) { ProcessJob() = std::move(job); }
std::string_view LogJob::Set(std::string_view job) { return std::exchange(current_job, job); }

}  // namespace weir
