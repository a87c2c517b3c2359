// Which functions the addresses of this process' code belong to.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace weir {

// A C++ name taken apart; what is none stays as it is.
std::string Demangled(const std::string& name);

// Remembers what it was asked. The first look-up of a process reads its debug information, which takes some 100 ms and stays in memory.
//
// Threads: one; several objects may be used at once.
class CodeNames {
 public:
  // "Count(int) (count.cc:11)", then the functions that it is inlined into, innermost first. "libc.so.6+0x1b2" where no name is known.
  const std::vector<std::string>& At(uintptr_t address);

 private:
  std::map<uintptr_t, std::vector<std::string>> known_;
};

}  // namespace weir
