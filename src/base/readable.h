// Numbers as people read them, for log lines, messages and the progress line.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace weir {

// "512 B", "1.5 KiB", "2.0 GiB".
std::string ReadableBytes(uint64_t bytes);
// "999", "12.3 K", "4.5 M", "1.0 B".
std::string ReadableCount(uint64_t count);
// "850 us", "12 ms", "3.4 s", "2 min 5 s", "3 h 12 min", "2 d 4 h".
std::string ReadableDuration(std::chrono::nanoseconds duration);

}  // namespace weir
