// Asks the person at the terminal whether a job is to be cancelled.
#pragma once

#include <cstdint>
#include <string>

namespace weir::cli {

// Nothing waits for the answer: while the question is open, its owner looks now and then. One thread.
class CancelQuestion {
 public:
  enum class Answer : uint8_t { kNone, kYes, kNo };

  // Whether there is a person who sees the question and can answer it.
  static bool CanAsk();

  bool is_open() const { return is_open_; }
  void Ask(const std::string& job_name);
  // What has been typed since; the question is closed unless that is kNone. The end of input is kNo.
  Answer Take();
  // It has become pointless.
  void Withdraw();

 private:
  bool is_open_ = false;
};

}  // namespace weir::cli
