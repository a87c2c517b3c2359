// The reply to a request, for a thread that may wait for it.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "weir/base/execution/simulated_executor.h"
#include "weir/base/mutex.h"
#include "weir/base/status.h"
#include "weir/base/time.h"

namespace weir {

// One reply. If whoever was to give it goes away without a word (its event loop has stopped), the reply is kAborted, so that nobody waits for ever.
//
//   PendingReply<JobDetails> pending;
//   gateway.RequestJobDetails(id, pending.NewReply());
//   StatusOr<JobDetails> details = pending.Wait();
//
// In a simulation (base/execution/simulated_executor.h) there is nobody else who could bring the reply: the thread that waits runs the simulation.
//
// Threads: any. The object may go before the reply comes.
template <class T>
class PendingReply {
 public:
  PendingReply() : state_(std::make_shared<State>()) {}

  // What to give to the gateway: a callable that takes the reply. Once.
  auto NewReply() {
    return [ticket = std::make_unique<Ticket>(state_)](StatusOr<T> reply) { ticket->state->Set(std::move(reply)); };
  }

  StatusOr<T> Wait() {
    if (SimulatedExecutor* const simulation = SimulatedExecutor::OfThisThread()) Simulate(*simulation);
    MutexLock lock(state_->mutex);
    while (!state_->reply.has_value()) state_->changed.Wait(state_->mutex);
    return *state_->reply;
  }
  // True: the reply is there.
  bool WaitFor(Duration timeout) {
    if (SimulatedExecutor* const simulation = SimulatedExecutor::OfThisThread()) {
      simulation->RunUntil([this] { return state_->IsSet(); }, timeout);
      return state_->IsSet();
    }
    MutexLock lock(state_->mutex);
    // A wake-up without reason only makes the wait shorter.
    if (!state_->reply.has_value()) state_->changed.WaitFor(state_->mutex, timeout);
    return state_->reply.has_value();
  }

 private:
  struct State {
    bool IsSet() {
      MutexLock lock(mutex);
      return reply.has_value();
    }
    void Set(StatusOr<T> value) {
      MutexLock lock(mutex);
      if (reply.has_value()) return;
      reply.emplace(std::move(value));
      changed.NotifyAll();
    }

    Mutex mutex;
    CondVar changed;
    std::optional<StatusOr<T>> reply WEIR_GUARDED_BY(mutex);
  };
  struct Ticket {
    explicit Ticket(std::shared_ptr<State> pending) : state(std::move(pending)) {}
    ~Ticket() { state->Set(AbortedError("the JobManager has stopped")); }
    const std::shared_ptr<State> state;
  };

  void Simulate(SimulatedExecutor& simulation) {
    // A job that lives longer waits for something that does not come.
    constexpr std::chrono::hours kPatience{24 * 365};
    if (simulation.RunUntil([this] { return state_->IsSet(); }, kPatience)) return;
    state_->Set(AbortedError(
        "the job does not end in the simulation: nothing is left to run, or a year of virtual time has passed"));
  }

  const std::shared_ptr<State> state_;
};

}  // namespace weir
