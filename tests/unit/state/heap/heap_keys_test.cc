#include "weir/state/heap/heap_keys.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstring>
#include <string>
#include <vector>

namespace weir {
namespace {

TEST(ByteKeys, TellKeysOfEveryLengthApart) {
  std::vector<std::string> keys;
  for (size_t length = 0; length < 40; ++length) {
    keys.push_back(std::string(length, 'a'));
    keys.push_back(std::string(length, '\0'));
    if (length > 0) keys.push_back(std::string(length - 1, 'a') + 'b');
    if (length > 0) keys.push_back('b' + std::string(length - 1, 'a'));
  }
  for (const std::string& stored : keys) {
    alignas(8) char slot[ByteKeys::kBytes];
    ByteKeys::Store(slot, ByteKeys::ProbeOf(stored));
    EXPECT_EQ(ByteKeys::Read(slot).bytes, stored);
    EXPECT_EQ(ByteKeys::HashOf(slot), HashBytes(stored));
    for (const std::string& asked : keys)
      EXPECT_EQ(ByteKeys::Equals(slot, ByteKeys::ProbeOf(asked)), asked == stored) << stored << " " << asked;
    ByteKeys::Release(slot);
  }
}

TEST(ByteKeys, DoNotReadAcrossTheEndOfAPageOfMemory) {
  // Keys that end where readable memory ends: the page behind is gone.
  constexpr size_t kPage = 4096;
  char* const memory =
      static_cast<char*>(mmap(nullptr, 2 * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(memory, MAP_FAILED);
  ASSERT_EQ(munmap(memory + kPage, kPage), 0);
  std::memset(memory, 'k', kPage);
  for (size_t length = 0; length <= 20; ++length) {
    const std::string_view key(memory + kPage - length, length);
    alignas(8) char slot[ByteKeys::kBytes];
    ByteKeys::Store(slot, ByteKeys::ProbeOf(key));
    EXPECT_EQ(ByteKeys::Read(slot).bytes, std::string(length, 'k'));
    ByteKeys::Release(slot);
  }
  munmap(memory, kPage);
}

TEST(ByteKeys, TakeAnEmptyViewOfNothing) {
  alignas(8) char slot[ByteKeys::kBytes];
  ByteKeys::Store(slot, ByteKeys::ProbeOf(std::string_view()));
  EXPECT_EQ(ByteKeys::Read(slot).bytes, "");
}

}  // namespace
}  // namespace weir
