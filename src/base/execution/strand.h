// An executor of one's own on top of a shared one: closures run one after the other, in order, wherever the shared executor has a thread to spare.
#pragma once

#include <memory>
#include <string>
#include <type_traits>

#include "weir/base/execution/executor.h"

namespace weir {

// Threads: everything from any thread; Stop may be called inside a closure of the strand.
class Strand final : public Executor {
 public:
  // `executor` must outlive the strand. `job`: the id of the job that all its closures are about, for log lines; empty: of none.
  explicit Strand(Executor& executor, std::string job = {});
  // Stops.
  ~Strand() override;
  Strand(const Strand&) = delete;
  Strand& operator=(const Strand&) = delete;

  void Post(Closure closure) override;
  TimerHandle PostAfter(std::chrono::nanoseconds delay, Closure closure) override;
  bool IsCurrent() const override;
  Clock& clock() override;

  // After it returns no closure of the strand runs, now or later; waiting ones are destroyed. Waits for one that runs on another thread.
  void Stop();
  bool stopped() const;

  // A function that may be called anywhere and at any time, even after the strand is gone, and posts `f` with its arguments to the strand, or does nothing if that
  // is stopped. For callbacks given to other components.
  template <class F>
  auto Bind(F f) const {
    return [core = core_, shared = std::make_shared<F>(std::move(f))](auto... args) {
      PostTo(core, [shared, ... kept = std::move(args)]() mutable { (*shared)(std::move(kept)...); });
    };
  }

 private:
  struct Core;
  static void PostTo(const std::shared_ptr<Core>& core, Closure closure);
  static void RunTurn(const std::shared_ptr<Core>& core);

  // Outlives the strand while the executor or a bound function holds it.
  const std::shared_ptr<Core> core_;
};

}  // namespace weir
