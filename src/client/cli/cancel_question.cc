#include "weir/client/cli/cancel_question.h"

#include <poll.h>
#include <unistd.h>

#include <cstdio>

namespace weir::cli {

bool CancelQuestion::CanAsk() { return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1; }

void CancelQuestion::Ask(const std::string& job_name) {
  std::fprintf(stderr, "cancel job \"%s\"? [y/N; N: it runs on without this command] ", job_name.c_str());
  is_open_ = true;
}

CancelQuestion::Answer CancelQuestion::Take() {
  pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  if (poll(&input, 1, 0) <= 0) return Answer::kNone;
  is_open_ = false;
  // A terminal gives whole lines.
  char line[256];
  const ssize_t length = read(STDIN_FILENO, line, sizeof(line));
  if (length <= 0) std::fputs("\n", stderr);  // Ctrl-D leaves the cursor behind the question
  return length > 0 && (line[0] == 'y' || line[0] == 'Y') ? Answer::kYes : Answer::kNo;
}

void CancelQuestion::Withdraw() {
  std::fputs("\n", stderr);
  is_open_ = false;
}

}  // namespace weir::cli
