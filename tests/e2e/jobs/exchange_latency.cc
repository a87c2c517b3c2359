// How long a record takes from its source to the keyed operator behind an exchange, by whether both are in one process: for tools/bench_cluster.py.
//
//   exchange_latency [--rate n] [--seconds n]      a job; its tasks print what they measured
//   exchange_latency --bare futex|tcp              what two threads of one process need for a hand-over, or a TCP round trip
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "weir/weir.h"

namespace {

int64_t Now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// The slowest it sees matter, so all are kept: 8 bytes for each record of a few seconds.
class Latencies {
 public:
  void Add(int64_t nanos) { nanos_.push_back(nanos); }
  void Print(const char* name) {
    if (nanos_.empty()) return;
    std::sort(nanos_.begin(), nanos_.end());
    const auto at = [&](double share) {
      return static_cast<double>(nanos_[static_cast<size_t>(share * static_cast<double>(nanos_.size() - 1))]) / 1000;
    };
    std::printf("latency %s count %zu p50_us %.1f p99_us %.1f p999_us %.1f\n", name, nanos_.size(), at(0.5), at(0.99),
                at(0.999));
    std::fflush(stdout);
  }

 private:
  std::vector<int64_t> nanos_;
};

struct Range {
  int64_t next = 0, end = 0;
};

// One number after the other, at an even pace, brought by a thread of its own as a client of a server brings them: as BareFutex and BareTcp below send
// theirs. A source that is paced by the engine's clock would bring ten at a time, each millisecond, and let its core fall asleep in between.
class PacedReader : public weir::SourceReader<int64_t, Range> {
 public:
  explicit PacedReader(int64_t pause_nanos) : pause_(pause_nanos) {}
  ~PacedReader() override { Stop(); }

  weir::Status Open(void (*wake_up)(void*), void* argument) override {
    pacer_ = std::thread([this, wake_up, argument] {
      while (!is_stopping_) {
        std::this_thread::sleep_for(pause_);
        ++due_;
        wake_up(argument);
      }
    });
    return weir::OkStatus();
  }
  weir::ReadResult Read(weir::Batch<int64_t>& into, weir::Budget budget) override {
    if (ranges_.empty()) return no_more_ ? weir::ReadResult::End() : weir::ReadResult::Idle();
    Range& range = ranges_.back();
    const int64_t count = std::min({due_ - taken_, int64_t{budget.rows}, range.end - range.next});
    if (count <= 0) return weir::ReadResult::Idle();
    for (int64_t i = 0; i < count; ++i) into.Append() = range.next++;
    taken_ += count;
    if (range.next == range.end) ranges_.pop_back();
    return weir::ReadResult::Progress();
  }
  bool WantsSplit() const override { return ranges_.empty() && !no_more_; }
  weir::Status AddSplits(std::vector<Range> splits) override {
    ranges_.insert(ranges_.end(), splits.begin(), splits.end());
    return weir::OkStatus();
  }
  std::vector<Range> Snapshot() override { return ranges_; }
  void NoMoreSplits() override { no_more_ = true; }
  weir::Status Close() override {
    Stop();
    return weir::OkStatus();
  }

 private:
  void Stop() {
    is_stopping_ = true;
    if (pacer_.joinable()) pacer_.join();
  }

  const std::chrono::nanoseconds pause_;
  std::vector<Range> ranges_;
  bool no_more_ = false;
  int64_t taken_ = 0;
  std::atomic<int64_t> due_ = 0;  // written by the pacer
  std::atomic<bool> is_stopping_ = false;
  std::thread pacer_;
};

struct PacedNumbers : weir::Source<int64_t> {
  using Split = Range;
  using EnumeratorState = std::vector<Range>;

  PacedNumbers(int64_t per_second, int64_t count) : rate(per_second), numbers(count) {}
  weir::Boundedness boundedness() const { return weir::Boundedness::kBounded; }
  auto CreateReader(const weir::RuntimeContext& context) const {
    return weir::StatusOr(std::make_unique<PacedReader>(1'000'000'000 * context.parallelism() / rate));
  }
  auto CreateEnumerator(const EnumeratorState* restored) const {
    EnumeratorState ranges =
        restored != nullptr ? *restored : EnumeratorState{{0, numbers / 2}, {numbers / 2, numbers}};
    return weir::StatusOr(std::make_unique<weir::SplitListEnumerator<Range>>(ranges));
  }

  const int64_t rate, numbers;
};

struct Sent {
  int64_t number;
  int64_t nanos;
  int32_t process;
};

class MeasureLatency : public weir::KeyedProcessFunction<int64_t, Sent, int64_t> {
 public:
  void ProcessElement(const Sent& sent, Context&, weir::Collector<int64_t>&) {
    // The first second is not measured: connections are made, memory is touched for the first time.
    if (first_ == 0) first_ = sent.nanos;
    if (sent.nanos - first_ < 1'000'000'000) return;
    (sent.process == getpid() ? local_ : remote_).Add(Now() - sent.nanos);
  }
  void Close() {
    local_.Print("local");
    remote_.Print("remote");
  }

 private:
  int64_t first_ = 0;
  Latencies local_, remote_;
};

// Two threads, one of which wakes the other through a word that the kernel watches, at the job's rate.
void BareFutex(int64_t rate, int64_t seconds) {
  std::atomic<int64_t> slot{0};
  Latencies latencies;
  std::thread receiver([&] {
    for (int64_t seen = 0; seen >= 0;) {
      slot.wait(seen);
      seen = slot.load();
      if (seen > 0) latencies.Add(Now() - seen);
    }
  });
  for (int64_t n = 0; n < rate * seconds; ++n) {
    std::this_thread::sleep_for(std::chrono::nanoseconds(1'000'000'000 / rate));
    slot.store(Now());
    slot.notify_one();
  }
  slot.store(-1);
  slot.notify_one();
  receiver.join();
  latencies.Print("futex");
}

void BareTcp(int64_t rate, int64_t seconds) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), length) != 0 || listen(listener, 1) != 0) return;
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length);
  std::thread echo([&] {
    const int connection = accept(listener, nullptr, nullptr);
    const int one = 1;
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    char message[64];
    for (ssize_t got; (got = recv(connection, message, sizeof(message), 0)) > 0;) send(connection, message, got, 0);
    close(connection);
  });
  const int client = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(client, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) return;
  const int one = 1;
  setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
  Latencies latencies;
  char message[64] = {};
  for (int64_t n = 0; n < rate * seconds; ++n) {
    std::this_thread::sleep_for(std::chrono::nanoseconds(1'000'000'000 / rate));
    const int64_t began = Now();
    if (send(client, message, sizeof(message), 0) <= 0 || recv(client, message, sizeof(message), MSG_WAITALL) <= 0)
      break;
    latencies.Add(Now() - began);
  }
  close(client);
  echo.join();
  close(listener);
  latencies.Print("tcp");
}

}  // namespace

int main(int argc, char** argv) {
  weir::StreamExecutionEnvironment env(argc, argv);
  const int64_t rate = env.Parameters().Get("rate", int64_t{10'000}, "records per second, of all sources together");
  const int64_t seconds = env.Parameters().Get("seconds", int64_t{4}, "how long");
  const std::string bare = env.Parameters().Get("bare", "", "futex or tcp: no job, but what it is compared with");
  if (bare == "futex") return BareFutex(rate, seconds), 0;
  if (bare == "tcp") return BareTcp(rate, seconds), 0;
  env.FromSource(PacedNumbers(rate, rate * seconds), "numbers")
      .Map([](int64_t n) { return Sent{n, Now(), static_cast<int32_t>(getpid())}; })
      .KeyBy(&Sent::number)
      .Process<MeasureLatency>()
      .SinkTo(weir::DiscardSink<int64_t>());
  return env.Execute("exchange latency").ExitCode();
}
