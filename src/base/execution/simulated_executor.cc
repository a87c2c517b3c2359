#include "weir/base/execution/simulated_executor.h"

#include <algorithm>
#include <limits>

#include "weir/base/check.h"

namespace weir {
namespace {

constexpr int kClosuresUntilEndless = 10'000'000;

thread_local SimulatedExecutor* simulation_of_this_thread = nullptr;

}  // namespace

class SimulatedExecutor::Lane final : public Executor {
 public:
  explicit Lane(SimulatedExecutor& simulation) : simulation_(simulation), queue_(simulation.OpenQueue()) {}
  ~Lane() override { simulation_.CloseQueue(queue_); }

  void Post(Closure closure) override { simulation_.Enqueue(*queue_, std::move(closure)); }
  TimerHandle PostAfter(std::chrono::nanoseconds delay, Closure closure) override {
    return simulation_.AddTimer(queue_, delay, std::move(closure));
  }
  bool IsCurrent() const override { return simulation_.current_ == queue_.get(); }
  Clock& clock() override { return simulation_.clock_; }

 private:
  SimulatedExecutor& simulation_;
  const std::shared_ptr<Queue> queue_;
};

SimulatedExecutor::SimulatedExecutor(uint64_t seed, Timestamp start)
    : thread_(std::this_thread::get_id()), clock_(start), random_(seed), own_queue_(OpenQueue()) {
  WEIR_CHECK(simulation_of_this_thread == nullptr) << "a thread has one simulation at a time";
  simulation_of_this_thread = this;
}

SimulatedExecutor* SimulatedExecutor::OfThisThread() { return simulation_of_this_thread; }

SimulatedExecutor::~SimulatedExecutor() {
  simulation_of_this_thread = nullptr;
  CloseQueue(own_queue_);
  WEIR_CHECK(queues_.empty()) << queues_.size() << " executors outlive their simulation";
  while (!timers_.empty()) timers_.Pop().entry->Cancel();
}

void SimulatedExecutor::Post(Closure closure) { Enqueue(*own_queue_, std::move(closure)); }

TimerHandle SimulatedExecutor::PostAfter(std::chrono::nanoseconds delay, Closure closure) {
  return AddTimer(own_queue_, delay, std::move(closure));
}

bool SimulatedExecutor::IsCurrent() const { return current_ == own_queue_.get(); }

std::unique_ptr<Executor> SimulatedExecutor::NewExecutor(const std::string&) { return std::make_unique<Lane>(*this); }

bool SimulatedExecutor::RunOne() {
  WEIR_CHECK(current_ == nullptr) << "a closure of a simulation cannot run the simulation";
  std::vector<std::shared_ptr<Queue>> runnable;
  for (const auto& queue : queues_) {
    if (!queue->ready.empty()) runnable.push_back(queue);
  }
  if (runnable.empty()) return false;
  const std::shared_ptr<Queue> queue = runnable.size() == 1 ? runnable[0] : runnable[random_.Uniform(runnable.size())];
  Closure closure = std::move(queue->ready.front());
  queue->ready.pop_front();
  current_ = queue.get();
  closure();
  closure = nullptr;  // what it owns dies on its lane
  current_ = nullptr;
  return true;
}

void SimulatedExecutor::RunUntilIdle() {
  for (int ran = 0; RunOne(); ++ran) {
    WEIR_CHECK_LT(ran, kClosuresUntilEndless) << "the simulation does not become idle: something posts itself for ever";
  }
}

void SimulatedExecutor::AdvanceTime(std::chrono::nanoseconds by) {
  const int64_t end = NanosAfter(by);
  do {
    RunUntilIdle();
  } while (AdvanceToNextTimer(end));
  clock_.Advance(std::chrono::nanoseconds(end - clock_.MonotonicNanos()));
}

bool SimulatedExecutor::RunUntil(UniqueFunction<bool()> done, std::chrono::nanoseconds limit) {
  const int64_t end = NanosAfter(limit);
  int ran_without_time = 0;
  while (!done()) {
    if (RunOne()) {
      WEIR_CHECK_LT(++ran_without_time, kClosuresUntilEndless) << "time does not move: something posts itself for ever";
    } else {
      if (!AdvanceToNextTimer(end)) return false;
      ran_without_time = 0;
    }
  }
  return true;
}

std::shared_ptr<SimulatedExecutor::Queue> SimulatedExecutor::OpenQueue() {
  queues_.push_back(std::make_shared<Queue>());
  return queues_.back();
}

void SimulatedExecutor::CloseQueue(const std::shared_ptr<Queue>& queue) {
  queue->open = false;
  std::erase(queues_, queue);
  // Taken out first: a dying closure may post.
  std::deque<Closure> dropped;
  dropped.swap(queue->ready);
}

void SimulatedExecutor::Enqueue(Queue& queue, Closure closure) {
  WEIR_CHECK(thread_ == std::this_thread::get_id()) << "a simulation has one thread; something made another";
  if (queue.open) queue.ready.push_back(std::move(closure));
}

TimerHandle SimulatedExecutor::AddTimer(const std::shared_ptr<Queue>& queue, std::chrono::nanoseconds delay,
                                        Closure closure) {
  WEIR_CHECK(thread_ == std::this_thread::get_id()) << "a simulation has one thread; something made another";
  auto entry = std::make_shared<TimerEntry>(std::move(closure));
  timers_.Add(NanosAfter(delay), DueEntry{queue, entry});
  return TimerHandle(std::move(entry));
}

bool SimulatedExecutor::AdvanceToNextTimer(int64_t limit_nanos) {
  if (timers_.empty() || timers_.NextDue() > limit_nanos) return false;
  const int64_t due = timers_.NextDue();
  clock_.Advance(std::chrono::nanoseconds(std::max<int64_t>(due - clock_.MonotonicNanos(), 0)));
  while (!timers_.empty() && timers_.NextDue() <= due) {
    DueEntry next = timers_.Pop();
    if (next.queue->open) {
      next.queue->ready.push_back(ClosureOf(std::move(next.entry)));
    } else {
      next.entry->Cancel();
    }
  }
  return true;
}

int64_t SimulatedExecutor::NanosAfter(std::chrono::nanoseconds delay) const {
  const int64_t now = clock_.MonotonicNanos();
  return now + std::clamp<int64_t>(delay.count(), 0, std::numeric_limits<int64_t>::max() - now);
}

}  // namespace weir
