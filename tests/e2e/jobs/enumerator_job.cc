// A job whose split enumerator exits where it is asked for its state, for cluster_test.py.
#include <cstdlib>
#include <ctime>
#include <vector>

#include "weir/weir.h"

namespace {

struct Part {
  int64_t next = 0;
};

class PartReader : public weir::SourceReader<int64_t, Part> {
 public:
  weir::ReadResult Read(weir::Batch<int64_t>& into, weir::Budget) override {
    if (parts_.empty()) return weir::ReadResult::Idle();
    timespec pause{.tv_sec = 0, .tv_nsec = 1'000'000};
    nanosleep(&pause, nullptr);
    into.Append() = parts_.front().next++;
    return weir::ReadResult::Progress(0);
  }
  bool WantsSplit() const override { return parts_.empty(); }
  weir::Status AddSplits(std::vector<Part> splits) override {
    parts_.insert(parts_.end(), splits.begin(), splits.end());
    return weir::OkStatus();
  }
  std::vector<Part> Snapshot() override { return parts_; }
  void NoMoreSplits() override {}

 private:
  std::vector<Part> parts_;
};

class ExitingEnumerator : public weir::SplitEnumerator<Part, std::vector<Part>> {
 public:
  void HandleSplitRequest(int subtask) override { this->AssignSplit(subtask, Part{}); }
  weir::Status AddSplitsBack(std::vector<Part>, int) override { return weir::OkStatus(); }
  std::vector<Part> SnapshotState() override { std::_Exit(4); }
};

struct Parts : weir::Source<int64_t> {
  using Split = Part;
  using EnumeratorState = std::vector<Part>;
  weir::Boundedness boundedness() const { return weir::Boundedness::kContinuousUnbounded; }
  auto CreateReader(const weir::RuntimeContext&) const { return weir::StatusOr(std::make_unique<PartReader>()); }
  auto CreateEnumerator(const EnumeratorState*) const { return weir::StatusOr(std::make_unique<ExitingEnumerator>()); }
};

}  // namespace

int main(int argc, char** argv) {
  weir::StreamExecutionEnvironment env(argc, argv);
  env.FromSource(Parts(), weir::WatermarkStrategy<int64_t>::None(), "parts").SinkTo(weir::DiscardSink<int64_t>());
  return env.Execute("exiting enumerator").ExitCode();
}
