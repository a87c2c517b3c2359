// What a process of a cluster writes down when it crashes: the signal, the exception that nobody caught, and the stack.
//
//   weir crash report 1
//   signal 11 code 1 address 0x0 thread 31281
//   frame 0x55d0c1e0 offset=0x11e0 id=5c1f... /path/of/job
//   #0 _ZN9wordcount7UserMapERKNS_3RecE at job.cc:11
//      inlined into _ZZ4mainENKUlRK3RecE_clES1_ at job.cc:19
//   working on task "count (1/2)": 4711 records in
//   end
#pragma once

#include <string>
#include <vector>

namespace weir {

// From here on SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP and SIGSYS are reported in the file `path`, which is made then, before they end the
// process as they would have without; so is std::terminate. Once, early: it costs some 100 us, and prepares what may not be done in a signal handler.
// Only for processes of a cluster: a program that somebody runs by hand has its debugger. Does nothing under a sanitizer.
//
// `reader`: a program and its arguments, started when the report is written and waited for, for processes that nobody supervises; empty: none.
void InstallCrashReport(const std::string& path, const std::vector<std::string>& reader = {});

// False under a sanitizer, which reports crashes itself.
bool CanReportCrashes();

// While it lives, the calling thread works on something that the report of a crash there is to describe. Two stores; lives on the stack, may be nested.
class WorkingOn {
 public:
  // `describe(about)` is called on this thread after its crash, when all else is written: what it does may fail, and then only its text is missing.
  using Describe = std::string (*)(const void* about);
  WorkingOn(Describe describe, const void* about);
  ~WorkingOn();
  WorkingOn(const WorkingOn&) = delete;
  WorkingOn& operator=(const WorkingOn&) = delete;

  // Of the calling thread; "" if it works on nothing.
  static std::string Text();

 private:
  const Describe describe_;
  const void* const about_;
  const WorkingOn* const before_;
};

// While it lives, the overflow of the calling thread's stack can be reported: signals have a stack of their own. Costs nothing if no report is installed.
class SignalStack {
 public:
  SignalStack();
  ~SignalStack();
  SignalStack(const SignalStack&) = delete;
  SignalStack& operator=(const SignalStack&) = delete;

 private:
  void* memory_ = nullptr;
};

}  // namespace weir
