#include "weir/base/execution/strand.h"

#include <deque>
#include <thread>

#include "weir/base/log_context.h"
#include "weir/base/mutex.h"

namespace weir {
namespace {

// Closures that one turn runs before others of the shared executor get theirs.
constexpr int kClosuresPerTurn = 64;

}  // namespace

struct Strand::Core {
  Core(Executor& shared_executor, std::string of_job) : executor(shared_executor), job(std::move(of_job)) {}

  Executor& executor;
  const std::string job;
  Mutex mutex;
  CondVar turn_ended;
  std::deque<Closure> waiting WEIR_GUARDED_BY(mutex);
  // A turn is posted or runs: there is at most one.
  bool has_turn WEIR_GUARDED_BY(mutex) = false;
  bool stopped WEIR_GUARDED_BY(mutex) = false;
  // The thread that runs a turn, else no thread.
  std::thread::id runner WEIR_GUARDED_BY(mutex);
};

Strand::Strand(Executor& executor, std::string job) : core_(std::make_shared<Core>(executor, std::move(job))) {}

Strand::~Strand() { Stop(); }

void Strand::Post(Closure closure) { PostTo(core_, std::move(closure)); }

TimerHandle Strand::PostAfter(std::chrono::nanoseconds delay, Closure closure) {
  auto entry = std::make_shared<TimerEntry>(std::move(closure));
  core_->executor.PostAfter(delay, [core = core_, entry] { PostTo(core, ClosureOf(entry)); });
  return TimerHandle(std::move(entry));
}

bool Strand::IsCurrent() const {
  MutexLock lock(core_->mutex);
  return core_->runner == std::this_thread::get_id();
}

Clock& Strand::clock() { return core_->executor.clock(); }

void Strand::Stop() {
  std::deque<Closure> dropped;  // declared first: its closures die after the lock is let go
  MutexLock lock(core_->mutex);
  core_->stopped = true;
  dropped.swap(core_->waiting);
  const std::thread::id self = std::this_thread::get_id();
  while (core_->runner != std::thread::id() && core_->runner != self) core_->turn_ended.Wait(core_->mutex);
}

bool Strand::stopped() const {
  MutexLock lock(core_->mutex);
  return core_->stopped;
}

void Strand::PostTo(const std::shared_ptr<Core>& core, Closure closure) {
  MutexLock lock(core->mutex);
  if (core->stopped) {
    lock.Unlock();  // `closure` dies outside the lock: its destructor may post
    return;
  }
  core->waiting.push_back(std::move(closure));
  if (core->has_turn) return;
  core->has_turn = true;
  // Under the lock, so that nobody who has seen Stop() return finds a thread that still posts to the shared executor.
  core->executor.Post([core] { RunTurn(core); });
}

void Strand::RunTurn(const std::shared_ptr<Core>& core) {
  const LogJob about(core->job);
  for (int ran = 0; ran < kClosuresPerTurn; ++ran) {
    MutexLock lock(core->mutex);
    core->runner = std::thread::id();
    core->turn_ended.NotifyAll();
    if (core->waiting.empty()) {
      core->has_turn = false;
      return;
    }
    Closure closure = std::move(core->waiting.front());
    core->waiting.pop_front();
    core->runner = std::this_thread::get_id();
    lock.Unlock();
    closure();
  }
  {
    MutexLock lock(core->mutex);
    core->runner = std::thread::id();
    core->turn_ended.NotifyAll();
  }
  core->executor.Post([core] { RunTurn(core); });
}

}  // namespace weir
