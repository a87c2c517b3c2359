#include "weir/state/heap/heap_keys.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace weir
