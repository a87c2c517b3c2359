// libbacktrace, whose header lies where only g++ looks. For .cc files of this folder; only where WEIR_HAS_LIBBACKTRACE is defined may anything be called.
#pragma once

#include <cstdint>

extern "C" {
struct backtrace_state;
using BacktraceError = void (*)(void* data, const char* message, int error);
using BacktraceFull = int (*)(void* data, uintptr_t pc, const char* file, int line, const char* function);
using BacktraceSymbol = void (*)(void* data, uintptr_t pc, const char* symbol, uintptr_t value, uintptr_t size);
backtrace_state* backtrace_create_state(const char* file, int threaded, BacktraceError error, void* data);
int backtrace_pcinfo(backtrace_state* state, uintptr_t pc, BacktraceFull callback, BacktraceError error, void* data);
int backtrace_syminfo(backtrace_state* state, uintptr_t pc, BacktraceSymbol callback, BacktraceError error, void* data);
}
