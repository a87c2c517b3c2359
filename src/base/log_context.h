// Which job a log line is about: what a thread works for at the moment, or the job that the whole process belongs to.
//
//   const LogJob about(job_id_text);
//   WEIR_LOG(kInfo, "worker {} starts", name);      // its line carries the job's id
//
// Threads: a LogJob is about the thread that makes it, and lives on its stack; SetProcess only before other threads log.
#pragma once

#include <string>
#include <string_view>

namespace weir {

class LogJob {
 public:
  // `job`: its id as text; must outlive this. Empty: of no job.
  explicit LogJob(std::string_view job) : before_(Set(job)) {}
  ~LogJob() { Set(before_); }
  LogJob(const LogJob&) = delete;
  LogJob& operator=(const LogJob&) = delete;

  // Of the calling thread, else of the process; empty: none.
  static std::string_view Current();
  // For processes that belong to one job.
  static void SetProcess(std::string job);

 private:
  static std::string_view Set(std::string_view job);

  const std::string_view before_;
};

}  // namespace weir
