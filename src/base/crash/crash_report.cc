#include "weir/base/crash/crash_report.h"

#include <cxxabi.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string_view>
#include <typeinfo>
#include <utility>

#include "weir/base/crash/interrupted.h"
#include "weir/base/crash/libbacktrace.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define WEIR_HAS_SANITIZER
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define WEIR_HAS_SANITIZER
#endif

namespace weir {
namespace {

constexpr int kSignals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS};
constexpr int kMaxFrames = 64;
constexpr int kMaxModules = 96;
constexpr size_t kMaxReaderArguments = 8;
// A damaged stack or file must not keep a dead process.
constexpr unsigned kSymboliserSeconds = 10;
// libbacktrace reads DWARF with some 20 KiB of stack.
constexpr size_t kSignalStackBytes = size_t{128} << 10;
// An access this near to the stack pointer, that faults, is the stack's own growth.
constexpr uintptr_t kOverflowReach = 64 << 10;

struct Module {
  uintptr_t begin = 0;
  uintptr_t end = 0;
  uintptr_t bias = 0;
  char build_id[48] = "";
  char path[256] = "";
};

// Made by InstallCrashReport, read by the handler.
bool is_installed = false;
char report_path[1024] = "";
backtrace_state* symboliser = nullptr;
Module modules[kMaxModules];
int module_count = 0;
char uncaught[1024] = "";  // what std::terminate was called with
int output = -1;
const char* reader_command[kMaxReaderArguments + 1] = {};  // ends with nullptr
thread_local const WorkingOn* working_on = nullptr;

// Only what may be called in a signal handler: no memory is allocated.
void Write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(output, text.data(), text.size());
    if (written <= 0) return;
    text.remove_prefix(static_cast<size_t>(written));
  }
}

void WriteNumber(uint64_t number, unsigned base) {
  char digits[24];
  size_t at = sizeof(digits);
  do {
    digits[--at] = "0123456789abcdef"[number % base];
    number /= base;
  } while (number != 0);
  if (base == 16) Write("0x");
  Write(std::string_view(digits + at, sizeof(digits) - at));
}

struct Frame {
  int number = 0;
  bool was_written = false;
};

// `function` stays mangled: taking names apart allocates memory, which a crash in malloc would not survive.
int WriteFrame(void* data, uintptr_t, const char* file, int line, const char* function) {
  auto& frame = *static_cast<Frame*>(data);
  if (function == nullptr && file == nullptr) return 0;
  if (frame.was_written) {
    Write("   inlined into ");
  } else {
    Write("#");
    WriteNumber(static_cast<uint64_t>(frame.number), 10);
    Write(" ");
  }
  frame.was_written = true;
  Write(function != nullptr ? function : "?");
  if (file != nullptr) {
    Write(" at ");
    Write(file);
    Write(":");
    WriteNumber(static_cast<uint64_t>(line), 10);
  }
  Write("\n");
  return 0;
}

void WriteSymbol(void* data, uintptr_t pc, const char* symbol, uintptr_t, uintptr_t) {
  if (symbol != nullptr) WriteFrame(data, pc, nullptr, 0, symbol);
}

void Ignore(void*, const char*, int) {}

const Module* ModuleOf(uintptr_t pc) {
  for (int i = 0; i < module_count; ++i) {
    if (pc >= modules[i].begin && pc < modules[i].end) return &modules[i];
  }
  return nullptr;
}

void WriteRawFrame(uintptr_t pc) {
  Write("frame ");
  WriteNumber(pc, 16);
  if (const Module* module = ModuleOf(pc)) {
    Write(" offset=");
    WriteNumber(pc - module->bias, 16);
    Write(" id=");
    Write(module->build_id);
    Write(" ");
    Write(module->path);
  }
  Write("\n");
}

void WriteSymbols(int number, uintptr_t pc) {
  Frame frame{.number = number};
#ifdef WEIR_HAS_LIBBACKTRACE
  backtrace_pcinfo(symboliser, pc, WriteFrame, Ignore, &frame);
  if (!frame.was_written) backtrace_syminfo(symboliser, pc, WriteSymbol, Ignore, &frame);
#endif
  if (frame.was_written) return;
  // Not the nearest exported name: in a stripped file that is often a wrong one.
  Write("#");
  WriteNumber(static_cast<uint64_t>(number), 10);
  Write(" ");
  const Module* const module = ModuleOf(pc);
  Write(module != nullptr ? module->path : "?");
  Write("+");
  WriteNumber(module != nullptr ? pc - module->bias : pc, 16);
  Write("\n");
}

void WriteStack(const ucontext_t& context) {
  void* frames[kMaxFrames];
  const int count = backtrace(frames, kMaxFrames);
  const int first = FirstInterrupted(frames, count, ProgramCounterOf(context));
  // A return address lies behind its call.
  const auto pc_of = [&](int i) { return reinterpret_cast<uintptr_t>(frames[i]) - (i == first ? 0 : 1); };
  for (int i = first; i < count; ++i) WriteRawFrame(pc_of(i));
  alarm(kSymboliserSeconds);
  for (int i = first; i < count; ++i) WriteSymbols(i - first, pc_of(i));
}

// Last: it allocates memory and runs code of the engine, which a damaged process may not survive. A second crash of the thread ends it at once.
void WriteWork() {
  try {
    std::string text = WorkingOn::Text();
    if (text.empty()) return;
    for (char& each : text) {
      if (each == '\n') each = ' ';
    }
    Write("working on ");
    Write(text);
    Write("\n");
  } catch (...) {
    // Then there is no text.
  }
}

void WriteReport(int signal, const siginfo_t& info, const ucontext_t& context) {
  Write("weir crash report 1\nsignal ");
  WriteNumber(static_cast<uint64_t>(signal), 10);
  Write(" code ");
  // Negative codes say that a process sent it, the program itself when it aborts.
  if (info.si_code < 0) Write("-");
  WriteNumber(static_cast<uint64_t>(info.si_code < 0 ? -info.si_code : info.si_code), 10);
  Write(" address ");
  const auto address = info.si_code > 0 ? reinterpret_cast<uintptr_t>(info.si_addr) : 0;
  WriteNumber(address, 16);
  Write(" thread ");
  WriteNumber(static_cast<uint64_t>(syscall(SYS_gettid)), 10);
  Write("\n");
  if (uncaught[0] != '\0') {
    Write("exception ");
    Write(uncaught);
    Write("\n");
  }
  const uintptr_t stack = StackPointerOf(context);
  if (signal == SIGSEGV && info.si_code > 0 && address + kOverflowReach > stack && address < stack + kOverflowReach) {
    Write("stack overflow\n");
  }
  WriteStack(context);
  WriteWork();
  Write("end\n");
}

// A process of its own, which may do what this one must not.
void RunReader() {
  if (reader_command[0] == nullptr) return;
  alarm(kSymboliserSeconds);
  const pid_t reader = _Fork();
  if (reader != 0) {
    if (reader > 0) waitpid(reader, nullptr, 0);
    return;
  }
  // What is blocked here stays so across the start of a program.
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  syscall(SYS_close_range, 3, ~0U, 0);
  execv(reader_command[0], const_cast<char* const*>(reader_command));
  _exit(EXIT_FAILURE);
}

void OnCrash(int signal, siginfo_t* info, void* context) {
  static int reporting_thread = 0;  // the first that crashed
  const int thread = static_cast<int>(syscall(SYS_gettid));
  int nobody = 0;
  const bool is_first =
      __atomic_compare_exchange_n(&reporting_thread, &nobody, thread, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
  if (!is_first && nobody != thread) {
    // The first one's report comes to its end, and with that the process to its own.
    for (;;) pause();
  }
  if (is_first) {
    output = open(report_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
    WriteReport(signal, *info, *static_cast<ucontext_t*>(context));
    close(output);
    RunReader();
  }
  struct sigaction standard{};
  standard.sa_handler = SIG_DFL;
  sigaction(signal, &standard, nullptr);
  // Comes when this returns.
  raise(signal);
}

[[noreturn]] void OnTerminate() {
  if (const std::type_info* type = abi::__cxa_current_exception_type()) {
    int status = 0;
    const char* const name = abi::__cxa_demangle(type->name(), nullptr, nullptr, &status);
    const char* const shown = name != nullptr ? name : type->name();
    try {
      throw;
    } catch (const std::exception& thrown) {
      std::snprintf(uncaught, sizeof(uncaught), "%s: %s", shown, thrown.what());
    } catch (...) {
      std::snprintf(uncaught, sizeof(uncaught), "%s", shown);
    }
    // A line of the report.
    for (char& each : uncaught) {
      if (each == '\n') each = ' ';
    }
  }
  std::abort();
}

void TakeBuildId(const dl_phdr_info& info, const ElfW(Phdr) & header, Module& module) {
  const auto* note = reinterpret_cast<const char*>(info.dlpi_addr + header.p_vaddr);
  const char* const end = note + header.p_memsz;
  while (note + sizeof(ElfW(Nhdr)) <= end) {
    ElfW(Nhdr) head;
    std::memcpy(&head, note, sizeof(head));
    const char* const name = note + sizeof(head);
    const char* const id = name + ((head.n_namesz + 3) & ~3U);
    if (head.n_type == NT_GNU_BUILD_ID && head.n_namesz == 4 && std::memcmp(name, "GNU", 4) == 0) {
      for (size_t i = 0; i < head.n_descsz && 2 * i + 2 < sizeof(module.build_id); ++i) {
        std::snprintf(module.build_id + 2 * i, 3, "%02x", static_cast<unsigned char>(id[i]));
      }
      return;
    }
    note = id + ((head.n_descsz + 3) & ~3U);
  }
}

int TakeModule(dl_phdr_info* info, size_t, void*) {
  if (module_count == kMaxModules) return 1;
  Module& module = modules[module_count++];
  module.bias = info->dlpi_addr;
  module.begin = UINTPTR_MAX;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& header = info->dlpi_phdr[i];
    if (header.p_type == PT_NOTE) TakeBuildId(*info, header, module);
    if (header.p_type != PT_LOAD) continue;
    const uintptr_t begin = info->dlpi_addr + header.p_vaddr;
    if (begin < module.begin) module.begin = begin;
    if (begin + header.p_memsz > module.end) module.end = begin + header.p_memsz;
  }
  if (info->dlpi_name[0] != '\0') {
    std::snprintf(module.path, sizeof(module.path), "%s", info->dlpi_name);
  } else if (module_count == 1) {
    const ssize_t length = readlink("/proc/self/exe", module.path, sizeof(module.path) - 1);
    module.path[length < 0 ? 0 : length] = '\0';
  }
  return 0;
}

}  // namespace

bool CanReportCrashes() {
#ifdef WEIR_HAS_SANITIZER
  return false;
#else
  return true;
#endif
}

void InstallCrashReport(const std::string& path, const std::vector<std::string>& reader) {
  if (!CanReportCrashes()) return;
  static const std::vector<std::string> kept = reader;
  for (size_t i = 0; i < kept.size() && i < kMaxReaderArguments; ++i) reader_command[i] = kept[i].c_str();
  std::snprintf(report_path, sizeof(report_path), "%s", path.c_str());
  dl_iterate_phdr(TakeModule, nullptr);
  // The first call loads libgcc_s, which allocates.
  void* frame = nullptr;
  static_cast<void>(backtrace(&frame, 1));
#ifdef WEIR_HAS_LIBBACKTRACE
  symboliser = backtrace_create_state(nullptr, 0, Ignore, nullptr);
#endif
  is_installed = true;
  // The main thread's lives as long as the process.
  static SignalStack* const main_stack = new SignalStack();
  static_cast<void>(main_stack);
  std::set_terminate(OnTerminate);
  struct sigaction action{};
  action.sa_sigaction = OnCrash;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  for (int signal : kSignals) sigaction(signal, &action, nullptr);
}

WorkingOn::WorkingOn(Describe describe, const void* about)
    : describe_(describe), about_(about), before_(std::exchange(working_on, this)) {}
WorkingOn::~WorkingOn() { working_on = before_; }
std::string WorkingOn::Text() { return working_on == nullptr ? "" : working_on->describe_(working_on->about_); }

SignalStack::SignalStack() {
  if (!is_installed) return;
  void* const memory =
      mmap(nullptr, kSignalStackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return;
  memory_ = memory;
  stack_t stack{};
  stack.ss_sp = memory;
  stack.ss_size = kSignalStackBytes;
  sigaltstack(&stack, nullptr);
}

SignalStack::~SignalStack() {
  if (memory_ == nullptr) return;
  stack_t none{};
  none.ss_flags = SS_DISABLE;
  sigaltstack(&none, nullptr);
  munmap(memory_, kSignalStackBytes);
}

}  // namespace weir
