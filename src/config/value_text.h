// Values of configuration and of program parameters as text, in Flink's forms.
//
// A parser takes the whole text, without blanks around it, or refuses it. Its message says what was expected and
// nothing else ("a whole number"): the caller knows the key, the file and the default, and makes the sentence.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/base/status.h"
#include "weir/base/time.h"
#include "weir/config/memory_size.h"

namespace weir {

// In the order in which they were written; a key occurs once.
using TextMap = std::vector<std::pair<std::string, std::string>>;

std::string_view TrimBlanks(std::string_view text);
// ASCII only: names of options, units and enum values are ASCII.
std::string ToLower(std::string_view text);

// "true" or "false", in any case.
StatusOr<bool> ParseBool(std::string_view text);
StatusOr<int64_t> ParseInt64(std::string_view text);
StatusOr<double> ParseDouble(std::string_view text);

// "10 s", "500ms", "3 min", "1 d", "250" (milliseconds), or ISO 8601: "PT1M30S", "P1DT12H". Parts finer than a
// millisecond are refused.
StatusOr<Duration> ParseDuration(std::string_view text);

// "32 kb", "1gb", "64 mebibytes", "1024" (bytes).
StatusOr<MemorySize> ParseMemorySize(std::string_view text);

// "a;b;c". An item in '…' or "…" may hold the separator; a doubled quote inside stands for one. Blanks around items are
// dropped; "" is no item.
StatusOr<std::vector<std::string>> ParseList(std::string_view text);

// "k1:v1,k2:v2", quoted as lists.
StatusOr<TextMap> ParseTextMap(std::string_view text);

// The inverse of the parsers: parsing the result gives the value again. The largest unit that divides the value is
// used: "1 min", "64 kb".
std::string FormatBool(bool value);
std::string FormatInt64(int64_t value);
std::string FormatDouble(double value);
std::string FormatDuration(Duration value);
std::string FormatMemorySize(MemorySize value);
std::string FormatList(const std::vector<std::string>& items);
std::string FormatTextMap(const TextMap& map);

}  // namespace weir
