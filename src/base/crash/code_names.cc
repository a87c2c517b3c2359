#include "weir/base/crash/code_names.h"

#include <cxxabi.h>
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "weir/base/crash/libbacktrace.h"
#include "weir/base/mutex.h"

namespace weir {
namespace {

// Guards libbacktrace's state, which was not made for threads.
Mutex reading;

void Ignore(void*, const char*, int) {}

std::string_view BaseNameOf(std::string_view path) { return path.substr(path.rfind('/') + 1); }

int AddPlace(void* names, uintptr_t, const char* file, int line, const char* function) {
  if (function == nullptr) return 0;
  std::string name = Demangled(function);
  if (file != nullptr) name += " (" + std::string(BaseNameOf(file)) + ":" + std::to_string(line) + ")";
  static_cast<std::vector<std::string>*>(names)->push_back(std::move(name));
  return 0;
}

void AddSymbol(void* names, uintptr_t, const char* symbol, uintptr_t, uintptr_t) {
  if (symbol != nullptr) static_cast<std::vector<std::string>*>(names)->push_back(Demangled(symbol));
}

std::vector<std::string> NamesAt(uintptr_t address) {
  std::vector<std::string> names;
#ifdef WEIR_HAS_LIBBACKTRACE
  MutexLock lock(reading);
  static backtrace_state* const symboliser = backtrace_create_state(nullptr, 0, Ignore, nullptr);
  backtrace_pcinfo(symboliser, address, AddPlace, Ignore, &names);
  if (names.empty()) backtrace_syminfo(symboliser, address, AddSymbol, Ignore, &names);
#endif
  return names;
}

// Not the nearest exported name: in a stripped file that is often a wrong one.
std::string ModuleAt(uintptr_t address) {
  Dl_info module{};
  const bool is_known = dladdr(reinterpret_cast<void*>(address), &module) != 0 && module.dli_fname != nullptr;
  const uintptr_t offset = is_known ? address - reinterpret_cast<uintptr_t>(module.dli_fbase) : address;
  char digits[24];
  std::snprintf(digits, sizeof(digits), "+0x%zx", static_cast<size_t>(offset));
  return (is_known ? std::string(BaseNameOf(module.dli_fname)) : "?") + digits;
}

}  // namespace

std::string Demangled(const std::string& name) {
  // Without it is a C function's name, or a type's: "f" is float.
  if (!name.starts_with("_Z")) return name;
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> plain(abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status),
                                                          &std::free);
  return plain != nullptr ? plain.get() : name;
}

const std::vector<std::string>& CodeNames::At(uintptr_t address) {
  const auto [entry, is_new] = known_.try_emplace(address);
  if (is_new) {
    entry->second = NamesAt(address);
    if (entry->second.empty()) entry->second.push_back(ModuleAt(address));
  }
  return entry->second;
}

}  // namespace weir
