#include "weir/client/progress_line.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "weir/base/readable.h"
#include "weir/types/time_text.h"

namespace weir {
namespace {

constexpr int kDefaultWidth = 80;
// Back to the first column, and erase to the end of the line.
constexpr std::string_view kWipe = "\r\x1b[K";

struct Totals {
  int64_t in = 0;
  int64_t out = 0;
  int64_t bytes_read = 0;
  int64_t bytes_total = 0;
  bool knows_total = true;
  int64_t watermark = kMaxWatermark;
};

void AddSource(Totals& totals, const SubtaskDetails& task) {
  totals.in += task.statistics.records_in;
  totals.bytes_read += task.statistics.bytes_read;
  totals.bytes_total += std::max<int64_t>(0, task.statistics.bytes_total);
  totals.knows_total &= task.statistics.bytes_total >= 0;
  // A reader that has finished holds nothing back.
  if (!IsTerminal(task.state)) totals.watermark = std::min(totals.watermark, task.statistics.watermark);
}

Totals TotalsOf(const JobDetails& details) {
  Totals totals;
  for (const VertexDetails& vertex : details.vertices) {
    for (const SubtaskDetails& task : vertex.subtasks) {
      if (vertex.is_source) AddSource(totals, task);
      if (vertex.is_sink) totals.out += task.statistics.records_out;
    }
  }
  return totals;
}

int64_t SumOver(const VertexDetails& vertex, int64_t TaskStatistics::* number) {
  int64_t sum = 0;
  for (const SubtaskDetails& task : vertex.subtasks) sum += task.statistics.*number;
  return sum;
}

// The vertex that held up its producers for more than half of the interval: the first one behind the last that was held up. Empty: none did.
std::string Bottleneck(const JobDetails& before, const JobDetails& now, Duration interval) {
  if (before.vertices.size() != now.vertices.size()) return {};
  std::string name;
  for (size_t v = 0; v + 1 < now.vertices.size(); ++v) {
    const int64_t held_up = SumOver(now.vertices[v], &TaskStatistics::backpressured_ns) -
                            SumOver(before.vertices[v], &TaskStatistics::backpressured_ns);
    const auto possible = interval.count() * 1'000'000 * static_cast<int64_t>(now.vertices[v].subtasks.size());
    if (held_up * 2 > possible) name = now.vertices[v + 1].name;
  }
  return name;
}

bool IsShowable(int64_t watermark) { return watermark != kMinWatermark && watermark != kMaxWatermark; }

std::string WatermarkText(int64_t watermark) {
  std::string text = "watermark ";
  AppendTime(watermark - watermark % 1000, text);
  return text;
}

int TerminalWidth() {
  winsize size{};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : kDefaultWidth;
}

void WriteToTerminal(std::string_view text) {
  // A terminal that takes no more is no reason to stop the job.
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace

std::string ProgressLine(const JobDetails& before, const JobDetails& now, Duration interval, int width) {
  const Totals last = TotalsOf(before);
  const Totals totals = TotalsOf(now);
  std::string line = now.overview.job_name + ": ";
  if (now.overview.status != JobStatus::kRunning) line += std::string(JobStatusName(now.overview.status)) + ", ";
  if (!now.waiting_for.empty()) line += "waits for " + now.waiting_for + ", ";
  line += ReadableCount(static_cast<uint64_t>(totals.in)) + " in";
  if (totals.out > 0) line += ", " + ReadableCount(static_cast<uint64_t>(totals.out)) + " out";
  const int64_t ms = std::max<int64_t>(1, interval.count());
  const int64_t rate = std::max<int64_t>(0, totals.in - last.in) * 1000 / ms;
  line += ", " + ReadableCount(static_cast<uint64_t>(rate)) + "/s";
  if (totals.knows_total && totals.bytes_total > 0) {
    line += ", " + std::to_string(std::min<int64_t>(100, totals.bytes_read * 100 / totals.bytes_total)) + " %";
  }
  if (totals.in > 0 && IsShowable(totals.watermark)) line += ", " + WatermarkText(totals.watermark);
  const std::string bottleneck = Bottleneck(before, now, interval);
  if (!bottleneck.empty()) line += ", bottleneck \"" + bottleneck + "\"";
  if (static_cast<int>(line.size()) > width) line.resize(static_cast<size_t>(std::max(0, width)));
  return line;
}

ProgressDisplay::ProgressDisplay() : is_shown_(isatty(STDERR_FILENO) == 1) {}

ProgressDisplay::~ProgressDisplay() { Hide(); }

void ProgressDisplay::Hide() {
  if (!is_shown_) return;
  MutexLock lock(mutex_);
  // Even without a line of ours: Ctrl-C has left its ^C there.
  WriteToTerminal(kWipe);
}

void ProgressDisplay::Show(const JobDetails& now, Duration since_last) {
  if (!is_shown_) return;
  MutexLock lock(mutex_);
  // The last column stays free: some terminals wrap when it is written.
  WriteToTerminal(std::string(kWipe) + ProgressLine(last_, now, since_last, TerminalWidth() - 1));
  last_ = now;
}

}  // namespace weir
