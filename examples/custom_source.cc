// The smallest divisor of each number, with a source of our own: ranges, handed out to readers as they ask.
#include "weir/weir.h"

struct Divisor {
  int64_t number, smallest_divisor;
};

struct Range {
  int64_t next = 0, end = 0;
};

class RangeReader : public weir::SourceReader<int64_t, Range> {
 public:
  weir::ReadResult Read(weir::Batch<int64_t>& into, weir::Budget budget) override {
    if (ranges_.empty()) return no_more_ ? weir::ReadResult::End() : weir::ReadResult::Idle();
    Range& range = ranges_.back();
    for (uint32_t row = 0; row < budget.rows && range.next < range.end; ++row) into.Append() = range.next++;
    if (range.next == range.end) ranges_.pop_back();
    return weir::ReadResult::Progress();
  }
  bool WantsSplit() const override { return ranges_.empty(); }
  weir::Status AddSplits(std::vector<Range> splits) override {
    ranges_.insert(ranges_.end(), splits.begin(), splits.end());
    return weir::OkStatus();
  }
  std::vector<Range> Snapshot() override { return ranges_; }
  void NoMoreSplits() override { no_more_ = true; }

 private:
  std::vector<Range> ranges_;
  bool no_more_ = false;
};

struct Numbers : weir::Source<int64_t> {
  using Split = Range;
  using EnumeratorState = std::vector<Range>;
  int64_t last;
  explicit Numbers(int64_t last) : last(last) {}
  weir::Boundedness boundedness() const { return weir::Boundedness::kBounded; }
  auto CreateReader(const weir::RuntimeContext&) const { return weir::StatusOr(std::make_unique<RangeReader>()); }
  auto CreateEnumerator(const EnumeratorState* restored) const {
    const int64_t middle = last / 2 + 1;
    EnumeratorState ranges = restored != nullptr ? *restored : EnumeratorState{{1, middle}, {middle, last + 1}};
    return weir::StatusOr(std::make_unique<weir::SplitListEnumerator<Range>>(ranges));
  }
};

int main(int argc, char** argv) {
  weir::StreamExecutionEnvironment env(argc, argv);
  const int64_t last = env.Parameters().Get("input", int64_t{10'000}, "the last number to look at");
  const std::string output = env.Parameters().Get("output", "", "folder for CSV files; without it, the terminal");
  auto divisors = env.FromSource(Numbers(last), "numbers").Map([](int64_t number) {
    int64_t divisor = 2;
    while (divisor < number && number % divisor != 0) ++divisor;
    return Divisor{number, divisor};
  });
  output.empty() ? divisors.Print() : divisors.SinkTo(weir::CsvFileSink<Divisor>(output));
  return env.Execute("divisors").ExitCode();
}
