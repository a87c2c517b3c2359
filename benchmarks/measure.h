// What every benchmark program does: read its arguments, measure, print one line of JSON.
#pragma once

#include <sys/resource.h>

#include <chrono>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace weir::bench {

class Arguments {
 public:
  Arguments(int argc, char** argv) : arguments_(argv + 1, argv + argc) {}
  // `baseline` given: the hand loop is measured.
  bool baseline() const { return !arguments_.empty() && arguments_[0] == "baseline"; }
  int64_t Number(std::string_view name, int64_t fallback) const {
    const std::string text = Text(name, "");
    return text.empty() ? fallback : std::atoll(text.c_str());
  }
  std::string Text(std::string_view name, std::string_view fallback) const {
    for (size_t i = 0; i + 1 < arguments_.size(); ++i) {
      if (arguments_[i] == name) return arguments_[i + 1];
    }
    return std::string(fallback);
  }

 private:
  const std::vector<std::string> arguments_;
};

// CPU time of all threads, and the time of day, from its construction on.
class Stopwatch {
 public:
  double CpuSeconds() const { return ProcessSeconds() - cpu_began_; }
  double WallSeconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - wall_began_).count();
  }

 private:
  static double ProcessSeconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) {
      return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
  }
  const double cpu_began_ = ProcessSeconds();
  const std::chrono::steady_clock::time_point wall_began_ = std::chrono::steady_clock::now();
};

inline void Report(const char* name, int64_t records, double cpu_s, double wall_s, uint64_t checksum) {
  std::printf("{\"name\": \"%s\", \"records\": %" PRId64
              ", \"cpu_s\": %.6f, \"wall_s\": %.6f, \"checksum\": \"%016" PRIx64 "\"}\n",
              name, records, cpu_s, wall_s, checksum);
}
// The same, measured up to now.
inline void Report(const char* name, int64_t records, const Stopwatch& watch, uint64_t checksum) {
  Report(name, records, watch.CpuSeconds(), watch.WallSeconds(), checksum);
}

// SplitMix64 (Steele, Lea, Flood 2014): the n-th of a sequence that is cheap to compute and has no short cycles.
inline uint64_t Mix(uint64_t n) {
  uint64_t x = n * 0x9e3779b97f4a7c15ull + 0x9e3779b97f4a7c15ull;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

}  // namespace weir::bench
