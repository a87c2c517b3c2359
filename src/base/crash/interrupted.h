// Where a thread was when a signal came. For .cc files of this folder.
#pragma once

#include <ucontext.h>

#include <cstdint>

namespace weir {

#if defined(__x86_64__)
inline uintptr_t ProgramCounterOf(const ucontext_t& context) {
  return static_cast<uintptr_t>(context.uc_mcontext.gregs[REG_RIP]);
}
inline uintptr_t StackPointerOf(const ucontext_t& context) {
  return static_cast<uintptr_t>(context.uc_mcontext.gregs[REG_RSP]);
}
#elif defined(__aarch64__)
inline uintptr_t ProgramCounterOf(const ucontext_t& context) { return context.uc_mcontext.pc; }
inline uintptr_t StackPointerOf(const ucontext_t& context) { return context.uc_mcontext.sp; }
#else
inline uintptr_t ProgramCounterOf(const ucontext_t&) { return 0; }
inline uintptr_t StackPointerOf(const ucontext_t&) { return 0; }
#endif

// Of `count` frames that a handler's backtrace() gave: where those of what was interrupted begin. The handler's own come first.
inline int FirstInterrupted(void* const* frames, int count, uintptr_t interrupted) {
  int first = 0;
  for (int i = 0; i < count; ++i) {
    if (reinterpret_cast<uintptr_t>(frames[i]) == interrupted) first = i;
  }
  return first;
}

}  // namespace weir
