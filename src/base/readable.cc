#include "weir/base/readable.h"

#include <cstdio>
#include <initializer_list>

namespace weir {
namespace {

std::string WithOneDecimal(double value, const char* unit) {
  char text[48];
  std::snprintf(text, sizeof(text), "%.1f %s", value, unit);
  return text;
}

std::string TwoUnits(int64_t total, int64_t per_large, const char* large, const char* small) {
  std::string text = std::to_string(total / per_large) + " " + large;
  if (total % per_large != 0) text += " " + std::to_string(total % per_large) + " " + small;
  return text;
}

// `value` in the largest of `units` (each `step` times the one before) that keeps it at 1 or more after rounding to one decimal.
std::string Scaled(double value, double step, std::initializer_list<const char*> units) {
  const char* unit = nullptr;
  for (const char* next : units) {
    if (unit != nullptr && value < step - 0.05) break;
    unit = next;
    value /= step;
  }
  return WithOneDecimal(value, unit);
}

}  // namespace

std::string ReadableBytes(uint64_t bytes) {
  if (bytes < 1024) return std::to_string(bytes) + " B";
  return Scaled(static_cast<double>(bytes), 1024, {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"});
}

std::string ReadableCount(uint64_t count) {
  if (count < 1000) return std::to_string(count);
  return Scaled(static_cast<double>(count), 1000, {"K", "M", "B", "T"});
}

std::string ReadableDuration(std::chrono::nanoseconds duration) {
  const int64_t nanos = duration.count();
  if (nanos < 0) return "-" + ReadableDuration(std::chrono::nanoseconds(nanos == INT64_MIN ? INT64_MAX : -nanos));
  if (nanos < 1'000'000) return std::to_string(nanos / 1000) + " us";
  if (nanos < 1'000'000'000) return std::to_string(nanos / 1'000'000) + " ms";
  const int64_t seconds = nanos / 1'000'000'000;
  if (nanos < 59'950'000'000) return WithOneDecimal(static_cast<double>(nanos) / 1e9, "s");
  if (seconds < 3600) return TwoUnits(seconds < 60 ? 60 : seconds, 60, "min", "s");
  const int64_t minutes = seconds / 60;
  if (minutes < 24 * 60) return TwoUnits(minutes, 60, "h", "min");
  return TwoUnits(minutes / 60, 24, "d", "h");
}

}  // namespace weir
