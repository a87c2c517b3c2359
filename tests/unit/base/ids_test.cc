#include "weir/base/ids.h"

#include <gtest/gtest.h>

#include <unordered_set>

#include "weir/base/random.h"

namespace weir {
namespace {

static_assert(!std::is_convertible_v<JobId, VertexId> && !std::is_constructible_v<JobId, VertexId>);
static_assert(!std::is_convertible_v<Id128, JobId>, "an id is made on purpose");

TEST(Id128, HexIsTheHighWordFirst) {
  const Id128 id{0x0123456789abcdef, 0xfedcba9876543210};
  EXPECT_EQ(id.ToHex(), "0123456789abcdeffedcba9876543210");
  EXPECT_EQ(*Id128::FromHex("0123456789ABCDEFfedcba9876543210"), id);
}

TEST(Id128, RefusesWhatIsNoId) {
  EXPECT_EQ(Id128::FromHex("12").status().message(), "id \"12\" has 2 characters; expected 32 hexadecimal digits");
  EXPECT_EQ(Id128::FromHex("0123456789abcdefxedcba9876543210").status().message(),
            "id \"0123456789abcdefxedcba9876543210\" has 'x' at position 16; expected 32 hexadecimal digits");
}

TEST(Id128, RandomIdsComeBackFromTheirText) {
  SeededRandom random(5);
  std::unordered_set<Id128> seen;
  for (int i = 0; i < 1000; ++i) {
    const Id128 id = Id128::Random(random);
    ASSERT_EQ(*Id128::FromHex(id.ToHex()), id);
    ASSERT_TRUE(seen.insert(id).second);
  }
}

// Operator ids in savepoints follow from uids by this: golden.
TEST(Id128, FromNameStaysTheSame) {
  EXPECT_EQ(Id128::FromName("hourly").ToHex(), "904c257f67b1e3b8f99b0224d6feb66a");
  EXPECT_NE(Id128::FromName("hourly"), Id128::FromName("hourlz"));
}

TEST(StrongId, ComparesByValue) {
  SeededRandom random(6);
  const JobId a = JobId::Random(random);
  EXPECT_EQ(*JobId::FromHex(a.ToHex()), a);
  EXPECT_NE(JobId(), a);
  EXPECT_EQ(TaskManagerId("host:1").ToString(), "host:1");
  EXPECT_LT(CheckpointId(2), CheckpointId(3));
}

TEST(CheckpointId, CountsFromNone) {
  EXPECT_TRUE(CheckpointId::None().IsNone());
  EXPECT_EQ(CheckpointId::None().Next(), CheckpointId(1));
  EXPECT_EQ(CheckpointId(41).Next().ToString(), "42");
}

}  // namespace
}  // namespace weir
