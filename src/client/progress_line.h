// What a person sees of a running job: one line, rewritten in place.
//
//   word count: 12.3 M in, 4.5 M out, 4.1 M/s, 63 %, watermark 2015-01-03 10:00:00, bottleneck "Count"
#pragma once

#include <string>

#include "weir/base/mutex.h"
#include "weir/base/time.h"
#include "weir/rpc/job_messages.h"

namespace weir {

// The line for a job that was as `before` an `interval` ago and is as `now`. At most `width` characters.
std::string ProgressLine(const JobDetails& before, const JobDetails& now, Duration interval, int width);

// Shows the line on stderr while it exists; does nothing if stderr is no terminal. One thread, but for Hide.
class ProgressDisplay {
 public:
  ProgressDisplay();
  // Wipes the line.
  ~ProgressDisplay();
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;

  bool is_shown() const { return is_shown_; }
  void Show(const JobDetails& now, Duration since_last);
  // Wipes the line, for something else to be printed. Any thread.
  void Hide();

 private:
  const bool is_shown_;
  Mutex mutex_;  // of the line
  JobDetails last_ WEIR_GUARDED_BY(mutex_);
};

}  // namespace weir
