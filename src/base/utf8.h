// Text that came from outside: whether it is UTF-8, and what to show where it is not.
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

}  // namespace weir
