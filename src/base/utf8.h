// Text that came from outside: is it UTF-8, and how does one show it safely.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace weir {

// Length of the well-formed character at the start of `text` (1 to 4), 0 if there is none. Overlong forms, surrogates and values above U+10FFFF are ill-formed.
size_t Utf8CharacterLength(std::string_view text);
bool IsValidUtf8(std::string_view text);
// `text` with U+FFFD for every byte that belongs to no well-formed character.
std::string ReplaceInvalidUtf8(std::string_view text);

// For messages and logs: control characters and ill-formed bytes as \n, \t, \x1b and so on, quotes and backslashes escaped, and cut after about `limit` bytes with "...".
std::string EscapeForDisplay(std::string_view text, size_t limit = 200);

}  // namespace weir
