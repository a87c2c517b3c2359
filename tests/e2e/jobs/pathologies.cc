// Jobs that are ill in one known way each, for diagnosis_test.py.
#include <ctime>
#include <string>

#include "weir/weir.h"

namespace {

constexpr int64_t kMany = int64_t{1} << 60;

void SleepMicros(int64_t micros) {
  timespec pause{.tv_sec = 0, .tv_nsec = static_cast<long>(micros * 1000)};
  nanosleep(&pause, nullptr);
}

// Takes CPU time, and cannot be optimized away.
int64_t Burn(int64_t value) {
  volatile int64_t sum = value;
  for (int i = 0; i < 3000; ++i) sum = sum + i;
  return value;
}

struct Keyed {
  int64_t key = 0, value = 0;
};

class SlowWriter : public weir::SinkWriter<int64_t> {
 public:
  weir::Status Write(const int64_t&, weir::EventTime) override {
    SleepMicros(500);
    return weir::OkStatus();
  }
};

class SlowSink : public weir::Sink<int64_t> {
 public:
  weir::StatusOr<std::unique_ptr<weir::SinkWriter<int64_t>>> CreateWriter(const weir::RuntimeContext&) const {
    return std::unique_ptr<weir::SinkWriter<int64_t>>(new SlowWriter());
  }
};

struct Event {
  int64_t time = 0;
};

struct Part {
  int64_t number = 0, next = 0;
};

// Two splits: the first delivers an event of each minute, the second one event and then nothing more.
class PartReader : public weir::SourceReader<Event, Part> {
 public:
  weir::ReadResult Read(weir::Batch<Event>& into, weir::Budget) override {
    for (Part& part : parts_) {
      if (part.number == 1 && part.next > 0) continue;
      SleepMicros(2000);
      into.Append() = {.time = part.next++ * 60'000};
      const auto number = static_cast<uint32_t>(part.number);
      if (number == 0 && parts_.size() > 1) std::swap(parts_.front(), parts_.back());
      return weir::ReadResult::Progress(number);
    }
    return weir::ReadResult::Idle();
  }
  bool WantsSplit() const override { return parts_.size() < 2; }
  weir::Status AddSplits(std::vector<Part> splits) override {
    parts_.insert(parts_.end(), splits.begin(), splits.end());
    return weir::OkStatus();
  }
  std::vector<Part> Snapshot() override { return parts_; }
  void NoMoreSplits() override {}

 private:
  std::vector<Part> parts_;
};

struct Parts : weir::Source<Event> {
  using Split = Part;
  using EnumeratorState = std::vector<Part>;
  weir::Boundedness boundedness() const { return weir::Boundedness::kContinuousUnbounded; }
  auto CreateReader(const weir::RuntimeContext&) const { return weir::StatusOr(std::make_unique<PartReader>()); }
  auto CreateEnumerator(const EnumeratorState* restored) const {
    return weir::StatusOr(std::make_unique<weir::SplitListEnumerator<Part>>(
        restored != nullptr ? *restored : EnumeratorState{{0, 0}, {1, 0}}));
  }
};

void Plan(weir::StreamExecutionEnvironment& env, const std::string& which) {
  if (which == "slow-operator") {
    env.FromSequence(1, kMany).Rebalance().Map(Burn).Name("expensive").SinkTo(weir::DiscardSink<int64_t>());
  } else if (which == "hot-key") {
    env.FromSequence(1, kMany)
        .Map([](int64_t value) { return Keyed{value % 10 == 0 ? value : 4711, Burn(value) % 2}; })
        .KeyBy(&Keyed::key)
        .Reduce([](const Keyed& a, const Keyed& b) { return Keyed{a.key, Burn(a.value + b.value)}; })
        .Name("totals")
        .SinkTo(weir::DiscardSink<Keyed>());
  } else if (which == "slow-sink") {
    env.FromSequence(1, kMany).Rebalance().SinkTo(SlowSink(), "warehouse");
  } else if (which == "idle-split") {
    env.FromSource(Parts(), weir::WatermarkStrategy<Event>::ForMonotonousTimestamps().WithTimestamps(&Event::time),
                   "parts")
        .SinkTo(weir::DiscardSink<Event>());
  } else if (which == "stuck-barrier") {
    env.FromSequence(1, kMany)
        .Rebalance()
        .Map([](int64_t value) {
          SleepMicros(20'000);
          return value;
        })
        .Name("patient")
        .SlotSharingGroup("patient")
        .SinkTo(weir::DiscardSink<int64_t>());
  }
}

}  // namespace

int main(int argc, char** argv) {
  weir::StreamExecutionEnvironment env(argc, argv);
  Plan(env, env.Parameters().Get("which", "slow-operator",
                                 "slow-operator, hot-key, slow-sink, idle-split or stuck-barrier"));
  return env.Execute("pathology").ExitCode();
}
