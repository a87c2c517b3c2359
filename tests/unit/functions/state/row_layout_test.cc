#include <gtest/gtest.h>

#include "weir/functions/state/keyed_rows.h"

namespace weir {
namespace {

constexpr ValueOps kEightBytes{8, 8, true, nullptr, nullptr, nullptr, nullptr, nullptr};
constexpr ValueOps kOneByte{1, 1, true, nullptr, nullptr, nullptr, nullptr, nullptr};

StateDeclaration State(const char* name, const ValueOps& ops, Duration ttl = Duration(0),
                       StateKind kind = StateKind::kValue) {
  return {name, kind, &ops, Ttl(ttl)};
}

TEST(RowLayout, PutsStatesBehindTheFlagsInTheirOrderAndAlignment) {
  const RowLayout layout = RowLayout::Of({State("a", kOneByte), State("b", kEightBytes), State("c", kOneByte)}).value();
  ASSERT_EQ(layout.slots.size(), 3u);
  EXPECT_EQ(layout.slots[0].offset, 8u);
  EXPECT_EQ(layout.slots[1].offset, 16u);
  EXPECT_EQ(layout.slots[2].offset, 24u);
  EXPECT_EQ(layout.slots[2].present, 4u);
  EXPECT_EQ(layout.row_bytes, 32u);
}

TEST(RowLayout, KeepsATimeBesideValuesThatExpireButNotBesideLists) {
  const RowLayout layout =
      RowLayout::Of({State("value", kOneByte, Duration(5)), State("list", kEightBytes, Duration(5), StateKind::kList)})
          .value();
  EXPECT_EQ(layout.slots[0].time_offset, 16u);
  EXPECT_EQ(layout.slots[1].offset, 24u);
  EXPECT_EQ(layout.slots[1].time_offset, 0u);
}

TEST(RowLayout, RefusesTwoStatesOfOneName) {
  const Status status = RowLayout::Of({State("count", kEightBytes), State("count", kEightBytes)}).status();
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_NE(status.message().find("\"count\""), std::string_view::npos) << status.ToString();
}

TEST(RowLayout, RefusesMoreStatesThanTheFlagsHaveBits) {
  std::vector<StateDeclaration> states;
  for (int i = 0; i < 32; ++i) states.push_back(State(("s" + std::to_string(i)).c_str(), kEightBytes));
  EXPECT_EQ(RowLayout::Of(states).status().code(), StatusCode::kInvalidArgument);
  states.pop_back();
  EXPECT_TRUE(RowLayout::Of(states).ok());
}

}  // namespace
}  // namespace weir
