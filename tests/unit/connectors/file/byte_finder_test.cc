#include "weir/connectors/file/byte_finder.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "weir/base/random.h"

namespace weir {
namespace {

std::vector<size_t> Find(const std::string& text, size_t begin, size_t limit) {
  std::string padded = text + std::string(kByteFinderPadding, ',');
  ByteFinder finder(',', '\n');
  finder.Begin(padded.data() + begin, padded.data() + limit);
  std::vector<size_t> found;
  while (true) {
    const char* const at = finder.Next();
    if (at == padded.data() + limit) return found;
    found.push_back(static_cast<size_t>(at - padded.data()));
  }
}

std::vector<size_t> Expected(const std::string& text, size_t begin, size_t limit) {
  std::vector<size_t> found;
  for (size_t i = begin; i < limit; ++i) {
    if (text[i] == ',' || text[i] == '\n') found.push_back(i);
  }
  return found;
}

TEST(ByteFinder, FindsEveryOccurrenceWhereverTheTextBeginsAndEnds) {
  const uint64_t seed = 20240601;
  SeededRandom random(seed);
  for (int round = 0; round < 300; ++round) {
    std::string text(random.Uniform(300), '\0');
    const uint64_t one_in = 1 + random.Uniform(40);
    for (char& c : text) c = random.Uniform(one_in) == 0 ? ",\n"[random.Uniform(2)] : 'x';
    const size_t begin = random.Uniform(text.size() + 1);
    const size_t limit = begin + random.Uniform(text.size() - begin + 1);
    ASSERT_EQ(Find(text, begin, limit), Expected(text, begin, limit)) << "seed " << seed << ", round " << round;
  }
}

TEST(ByteFinder, StaysAtTheLimitOnceItIsThere) {
  const std::string text = "abc" + std::string(kByteFinderPadding, ',');
  ByteFinder finder(',', ',');
  finder.Begin(text.data(), text.data() + 3);
  EXPECT_EQ(finder.Next(), text.data() + 3);
  EXPECT_EQ(finder.Next(), text.data() + 3);
}

TEST(ByteFinder, GoesOnWhereItIsSkippedTo) {
  const std::string text = "a,b,c,d" + std::string(kByteFinderPadding, ' ');
  ByteFinder finder(',', ',');
  finder.Begin(text.data(), text.data() + 7);
  EXPECT_EQ(finder.Next(), text.data() + 1);
  finder.SkipTo(text.data() + 4);
  EXPECT_EQ(finder.Next(), text.data() + 5);
}

}  // namespace
}  // namespace weir
