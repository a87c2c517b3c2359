// Points in time as people and files write them, in UTC.
#pragma once

#include <string>
#include <string_view>

#include "weir/base/time.h"

namespace weir {

// Appends "2001-02-16 00:08:00", with ".250" behind it if there are milliseconds. Years before 0 and after 9999 have a sign.
void AppendTime(EventTime ms, std::string& out);

// Reads `YYYY-MM-DD`, `YYYY-MM-DD HH:MM` or `YYYY-MM-DD HH:MM:SS[.fraction]` with a space or a T between date and time and an
// optional Z or offset (+01:00) behind, or a whole number of milliseconds since 1970-01-01T00:00:00Z. What is finer than a
// millisecond is cut off. False, with `ms` as it was, if `text` is none of them or no day or time of day.
bool ParseTime(std::string_view text, EventTime& ms);

// What ParseTime takes, for messages: "a time such as 2001-02-16 00:08:00, or milliseconds since 1970".
extern const std::string_view kExpectedTime;

}  // namespace weir
