#include "weir/base/crash/thread_stacks.h"

#include <execinfo.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <ctime>
#include <memory>
#include <optional>

#include "weir/base/crash/code_names.h"
#include "weir/base/crash/crash_report.h"
#include "weir/base/crash/interrupted.h"
#include "weir/base/file/file_contents.h"
#include "weir/base/file/process.h"
#include "weir/base/mutex.h"

namespace weir {
namespace {

constexpr int kMaxFrames = 64;

// What a thread is asked to fill in. Written by its signal handler, then `is_filled` (release); read by who asks after seeing that (acquire). It must live
// until then: a thread that blocks signals may answer much later.
struct Question {
  int thread = 0;
  void* frames[kMaxFrames] = {};
  int count = 0;
  uintptr_t interrupted = 0;
  std::atomic<bool> is_filled{false};
};

// Posted by the handler once for each answer.
sem_t answered;

// Only what may be called in a signal handler: backtrace() may once libgcc_s is loaded.
void OnQuestion(int, siginfo_t* info, void* context) {
  const int saved = errno;
  if (info->si_code == SI_QUEUE && info->si_pid == getpid()) {
    auto& question = *static_cast<Question*>(info->si_value.sival_ptr);
    question.count = backtrace(question.frames, kMaxFrames);
    question.interrupted = ProgramCounterOf(*static_cast<ucontext_t*>(context));
    question.is_filled.store(true, std::memory_order_release);
    sem_post(&answered);
  }
  errno = saved;
}

bool IsHandled(int signal, bool by_us) {
  struct sigaction action{};
  if (sigaction(signal, nullptr, &action) != 0) return true;
  if (by_us) return (action.sa_flags & SA_SIGINFO) != 0 && action.sa_sigaction == OnQuestion;
  return (action.sa_flags & SA_SIGINFO) != 0 || action.sa_handler != SIG_DFL;
}

// A real-time signal that nobody else in this process handles; 0: there is none. What the program has done to the one of last time is looked at anew.
int OwnSignal() {
  static int own = 0;
  if (own != 0 && IsHandled(own, true)) return own;
  if (own == 0) {
    sem_init(&answered, 0, 0);
    // The first call loads libgcc_s, which allocates.
    void* frame = nullptr;
    static_cast<void>(backtrace(&frame, 1));
  }
  for (int signal = SIGRTMIN; signal <= SIGRTMAX; ++signal) {
    if (IsHandled(signal, false)) continue;
    struct sigaction action{};
    action.sa_sigaction = OnQuestion;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
    if (sigaction(signal, &action, nullptr) == 0) return own = signal;
  }
  return 0;
}

bool Send(int signal, Question& question) {
  siginfo_t info{};
  info.si_signo = signal;
  info.si_code = SI_QUEUE;
  info.si_pid = getpid();
  info.si_uid = getuid();
  info.si_value.sival_ptr = &question;
  return syscall(SYS_rt_tgsigqueueinfo, getpid(), question.thread, signal, &info) == 0;
}

bool BlocksSignal(int thread, int signal) {
  LocalFileSystem files;
  const std::string status = ReadWholeFile(files, "/proc/self/task/" + std::to_string(thread) + "/status").ValueOr("");
  constexpr std::string_view kMask = "SigBlk:\t";
  const size_t at = status.find(kMask);
  if (at == std::string::npos) return false;
  uint64_t mask = 0;
  const char* const digits = status.data() + at + kMask.size();
  std::from_chars(digits, digits + 16, mask, 16);
  return (mask >> (signal - 1) & 1) != 0;
}

timespec After(Duration patience) {
  timespec deadline{};
  clock_gettime(CLOCK_MONOTONIC, &deadline);
  const int64_t nanos = deadline.tv_nsec + std::chrono::nanoseconds(patience).count();
  deadline.tv_sec += nanos / 1'000'000'000;
  deadline.tv_nsec = nanos % 1'000'000'000;
  return deadline;
}

// Asks all threads of the process but the calling one.
class Inquiry {
 public:
  explicit Inquiry(int signal) : signal_(signal) {}

  // The reason why it is not asked; empty: it is.
  std::string Ask(int thread) {
    if (BlocksSignal(thread, signal_)) return "it blocks signals, and cannot be asked for its stack";
    if (FindUnanswered(thread) != nullptr) return "it has not yet answered when it was asked before";
    auto question = std::make_unique<Question>();
    question->thread = thread;
    if (!Send(signal_, *question)) return "it could not be asked for its stack";
    asked_.push_back(std::move(question));
    return {};
  }
  void Wait(Duration patience) {
    const timespec deadline = After(patience);
    const auto is_filled = [](const auto& question) { return question->is_filled.load(std::memory_order_acquire); };
    // An answer of long ago may have been counted, too: all are looked at each time.
    while (!std::ranges::all_of(asked_, is_filled)) {
      if (sem_clockwait(&answered, CLOCK_MONOTONIC, &deadline) != 0 && errno != EINTR) break;
    }
    KeepUnanswered();
  }
  // nullptr: it did not answer.
  const Question* AnswerOf(int thread) const {
    const auto found = std::ranges::find(asked_, thread, &Question::thread);
    return found == asked_.end() ? nullptr : found->get();
  }

 private:
  using Questions = std::vector<std::unique_ptr<Question>>;

  // Their threads may still write to them. One whose thread has ended is forgotten here, since its signal is, too.
  static Questions& Unanswered() {
    static auto& questions = *new Questions();
    std::erase_if(questions, [](const auto& question) {
      return question->is_filled.load(std::memory_order_acquire) ||
             syscall(SYS_tgkill, getpid(), question->thread, 0) != 0;
    });
    return questions;
  }
  static Question* FindUnanswered(int thread) {
    const auto found = std::ranges::find(Unanswered(), thread, &Question::thread);
    return found == Unanswered().end() ? nullptr : found->get();
  }
  void KeepUnanswered() {
    Questions& kept = Unanswered();
    for (auto& question : asked_) {
      if (!question->is_filled.load(std::memory_order_acquire)) kept.push_back(std::move(question));
    }
    std::erase(asked_, nullptr);
  }

  const int signal_;
  Questions asked_;
};

std::vector<std::string> FramesOf(void* const* addresses, int count, int first, CodeNames& names) {
  std::vector<std::string> frames;
  for (int i = first; i < count; ++i) {
    // A return address lies behind its call.
    const uintptr_t address = reinterpret_cast<uintptr_t>(addresses[i]) - (i == first ? 0 : 1);
    const std::vector<std::string>& at = names.At(address);
    frames.insert(frames.end(), at.begin(), at.end());
  }
  return frames;
}

// One line of the text, one field of a line.
std::string OneField(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  std::ranges::replace(text, '\t', ' ');
  return text;
}

}  // namespace

std::vector<ThreadStack> ThreadsWithoutStacks(int process, const std::string& program, const std::string& note) {
  std::vector<ThreadStack> threads;
  for (const ThreadDescription& thread : ThreadsOf(process)) {
    threads.push_back({.process = process,
                       .program = program,
                       .id = thread.id,
                       .name = thread.name,
                       .state = thread.state,
                       .note = note});
  }
  return threads;
}

std::vector<ThreadStack> TakeThreadStacks(const std::string& program, Duration patience) {
  std::vector<ThreadStack> threads = ThreadsWithoutStacks(CurrentProcessId(), program, "");
  static Mutex one_at_a_time;
  MutexLock lock(one_at_a_time);
  const int signal = CanReportCrashes() ? OwnSignal() : 0;
  if (signal == 0) {
    const std::string note = CanReportCrashes() ? "the program uses all signals itself" : "a sanitizer is in use";
    for (ThreadStack& thread : threads) thread.note = note;
    return threads;
  }
  const auto self = static_cast<int>(syscall(SYS_gettid));
  Inquiry inquiry(signal);
  for (ThreadStack& thread : threads) {
    if (thread.id != self) thread.note = inquiry.Ask(thread.id);
  }
  void* own[kMaxFrames];
  const int own_count = backtrace(own, kMaxFrames);
  inquiry.Wait(patience);
  CodeNames names;
  for (ThreadStack& thread : threads) {
    if (thread.id == self) thread.frames = FramesOf(own, own_count, 0, names);
    if (thread.id == self || !thread.note.empty()) continue;
    const Question* const answer = inquiry.AnswerOf(thread.id);
    if (answer == nullptr) {
      thread.note = "it did not answer when it was asked for its stack";
      continue;
    }
    const int first = FirstInterrupted(answer->frames, answer->count, answer->interrupted);
    thread.frames = FramesOf(answer->frames, answer->count, first, names);
  }
  return threads;
}

std::string ThreadStacksText(const std::vector<ThreadStack>& threads) {
  std::string text;
  for (const ThreadStack& thread : threads) {
    text += std::to_string(thread.process) + "\t" + std::to_string(thread.id) + "\t" + OneField(thread.state) + "\t" +
            OneField(thread.program) + "\t" + OneField(thread.name) + "\n";
    for (const std::string& frame : thread.frames) text += "\t" + OneField(frame) + "\n";
    if (!thread.note.empty()) text += "-" + OneField(thread.note) + "\n";
  }
  return text;
}

std::vector<ThreadStack> ParseThreadStacks(std::string_view text) {
  std::vector<ThreadStack> threads;
  const auto take = [](std::string_view& from, char end) {
    const size_t length = std::min(from.find(end), from.size());
    const std::string_view taken = from.substr(0, length);
    from.remove_prefix(std::min(length + 1, from.size()));
    return taken;
  };
  const auto number = [](std::string_view digits) {
    int value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
  };
  while (!text.empty()) {
    std::string_view line = take(text, '\n');
    if (!threads.empty() && line.starts_with('\t')) {
      threads.back().frames.emplace_back(line.substr(1));
    } else if (!threads.empty() && line.starts_with('-')) {
      threads.back().note = line.substr(1);
    } else {
      ThreadStack& thread = threads.emplace_back();
      thread.process = number(take(line, '\t'));
      thread.id = number(take(line, '\t'));
      thread.state = take(line, '\t');
      thread.program = take(line, '\t');
      thread.name = line;
    }
  }
  return threads;
}

}  // namespace weir
