// The base of control-plane components: one mailbox, no locks, messages in order.
#pragma once

#include <string>

#include "weir/base/execution/strand.h"

namespace weir {

// State of an actor is touched by its messages only. Other components post messages to it, and it answers by callbacks that were bound to their strand.
//
//   class Dispatcher final : public Actor {
//    public:
//     explicit Dispatcher(Executor& executor) : Actor(executor, "dispatcher") {}
//     ~Dispatcher() override { Stop(); }
//     void SubmitAsync(JobGraph graph, UniqueFunction<void(Status)> done) {
//       Post([this, graph = std::move(graph), done = std::move(done)]() mutable { done(Submit(std::move(graph))); });
//     }
//
// Every concrete actor stops in its own destructor, since a message that still ran there would see a half-destroyed object; ~Actor checks it.
//
// Threads: Post, PostAfter, Bind, Stop from any.
class Actor {
 public:
  // `executor` must outlive the actor. `name` shows in errors.
  Actor(Executor& executor, std::string name);
  virtual ~Actor();
  Actor(const Actor&) = delete;
  Actor& operator=(const Actor&) = delete;

  const std::string& name() const { return name_; }
  // Where this actor's messages run; for components that it owns and for callbacks to it.
  Strand& strand() { return strand_; }

  // After it returns no message runs any more; see Strand::Stop.
  void Stop() { strand_.Stop(); }

 protected:
  void Post(Closure message) { strand_.Post(std::move(message)); }
  TimerHandle PostAfter(std::chrono::nanoseconds delay, Closure message) {
    return strand_.PostAfter(delay, std::move(message));
  }
  template <class F>
  auto Bind(F f) const {
    return strand_.Bind(std::move(f));
  }
  // Inside a message of this actor.
  bool IsCurrent() const { return strand_.IsCurrent(); }
  Clock& clock() { return strand_.clock(); }

 private:
  const std::string name_;
  Strand strand_;
};

}  // namespace weir
