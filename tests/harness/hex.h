// Bytes as text, for tests that hold a format against its golden bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir {

// Two lower-case digits a byte.
inline std::string Hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    text += "0123456789abcdef"[static_cast<uint8_t>(c) >> 4];
    text += "0123456789abcdef"[static_cast<uint8_t>(c) & 15];
  }
  return text;
}

// The same with 32 bytes to a line, the last one without an end.
inline std::string HexLines(std::string_view bytes) {
  std::string text;
  for (size_t at = 0; at < bytes.size(); at += 32) text += (at == 0 ? "" : "\n") + Hex(bytes.substr(at, 32));
  return text;
}

}  // namespace weir
