#include "weir/base/ids.h"

#include "weir/base/random.h"

namespace weir {
namespace {

constexpr size_t kHexDigits = 32;

int HexDigitValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void WriteHex(uint64_t word, char* out) {
  for (int digit = 0; digit < 16; ++digit) out[digit] = "0123456789abcdef"[word >> (60 - 4 * digit) & 15];
}

}  // namespace

Id128 Id128::Random(weir::Random& random) {
  // Sequenced apart, so that a seed gives the same id with every compiler.
  const uint64_t high = random.Next();
  const uint64_t low = random.Next();
  return {high, low};
}

Id128 Id128::FromName(std::string_view text) {
  const uint64_t high = HashBytes(text);
  return {high, HashBytes(std::string(text) + Id128{high, 0}.ToHex())};
}

StatusOr<Id128> Id128::FromHex(std::string_view hex) {
  if (hex.size() != kHexDigits) {
    return InvalidArgumentError("id \"" + std::string(hex) + "\" has " + std::to_string(hex.size()) +
                                " characters; expected 32 hexadecimal digits");
  }
  uint64_t words[2] = {0, 0};
  for (size_t i = 0; i < kHexDigits; ++i) {
    const int value = HexDigitValue(hex[i]);
    if (value < 0) {
      return InvalidArgumentError("id \"" + std::string(hex) + "\" has '" + hex[i] + "' at position " +
                                  std::to_string(i) + "; expected 32 hexadecimal digits");
    }
    words[i / 16] = words[i / 16] << 4 | static_cast<uint64_t>(value);
  }
  return Id128{words[0], words[1]};
}

std::string Id128::ToHex() const {
  std::string hex(kHexDigits, '0');
  WriteHex(high, hex.data());
  WriteHex(low, hex.data() + 16);
  return hex;
}

}  // namespace weir
