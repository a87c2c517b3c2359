// Threads of our own: named, and joined by their owner. Nothing detaches.
#pragma once

#include <string>
#include <thread>

#include "weir/base/unique_function.h"

namespace weir {

// Runs `body` on a thread that tools show as `name` (its first 15 bytes). The destructor joins, so whoever owns a Thread must first tell the body to end.
class Thread {
 public:
  Thread() = default;
  Thread(const std::string& name, Closure body);
  Thread(Thread&&) = default;
  Thread& operator=(Thread&& other) noexcept;
  ~Thread() { Join(); }

  // Waits for the body's end. Nothing to do when there is no thread or it was joined. Never from the thread itself.
  void Join();

  bool joinable() const { return thread_.joinable(); }
  bool IsCurrent() const { return thread_.get_id() == std::this_thread::get_id(); }

 private:
  std::thread thread_;
};

// CPUs that the process may use, >= 1.
int AvailableCpus();

}  // namespace weir
