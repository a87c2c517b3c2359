#include "weir/functions/split_words.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace weir {
namespace {

enum : uint8_t { kSeparator = 0, kWordByte = 1, kCapital = 2 };

constexpr std::array<uint8_t, 256> MakeClasses() {
  std::array<uint8_t, 256> classes{};
  for (int c = 'a'; c <= 'z'; ++c) classes[static_cast<size_t>(c)] = kWordByte;
  for (int c = '0'; c <= '9'; ++c) classes[static_cast<size_t>(c)] = kWordByte;
  for (int c = 'A'; c <= 'Z'; ++c) classes[static_cast<size_t>(c)] = kCapital;
  classes['_'] = kWordByte;
  return classes;
}

constexpr std::array<uint8_t, 256> kClasses = MakeClasses();

uint8_t ClassOf(char c) { return kClasses[static_cast<unsigned char>(c)]; }

// Out of line: few words have capitals, and the loop over the others stays small.
[[gnu::noinline]] void CollectLowerCased(std::string_view word, Collector<std::string_view>& out) {
  constexpr size_t kUsual = 64;
  char usual[kUsual];
  std::string longer;
  char* lower = usual;
  if (word.size() > kUsual) {
    longer.resize(word.size());
    lower = longer.data();
  }
  for (size_t i = 0; i < word.size(); ++i) {
    lower[i] = ClassOf(word[i]) == kCapital ? static_cast<char>(word[i] - 'A' + 'a') : word[i];
  }
  out.Collect(out.Keep({lower, word.size()}));
}

}  // namespace

void SplitWords(std::string_view line, Collector<std::string_view>& out) {
  const char* at = line.data();
  const char* const end = at + line.size();
  while (true) {
    while (at != end && ClassOf(*at) == kSeparator) ++at;
    if (at == end) return;
    const char* const begin = at;
    uint8_t classes = 0;
    for (; at != end; ++at) {
      const uint8_t byte_class = ClassOf(*at);
      if (byte_class == kSeparator) break;
      classes |= byte_class;
    }
    const std::string_view word(begin, static_cast<size_t>(at - begin));
    if ((classes & kCapital) != 0) [[unlikely]] {
      CollectLowerCased(word, out);
    } else {
      out.Collect(word);
    }
  }
}

}  // namespace weir
