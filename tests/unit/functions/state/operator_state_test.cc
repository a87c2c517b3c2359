#include "weir/functions/state/operator_state.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace weir {
namespace {

struct Function : StatefulFunction {
  OperatorListState<std::string> pending{this, "pending"};
  UnionListState<int64_t> offsets{this, "offsets"};
  BroadcastState<std::string, int64_t> rules{this, "rules"};
};

TEST(OperatorState, IsDeclaredByConstruction) {
  Function f;
  ASSERT_EQ(f.operator_states().size(), 3u);
  EXPECT_EQ(f.operator_states()[0]->name(), "pending");
  EXPECT_EQ(f.operator_states()[0]->redistribution(), Redistribution::kSplit);
  EXPECT_EQ(f.operator_states()[1]->redistribution(), Redistribution::kUnion);
  EXPECT_EQ(f.operator_states()[2]->redistribution(), Redistribution::kBroadcast);
  EXPECT_EQ(f.CheckStates(), OkStatus());
}

TEST(OperatorState, ComesBackElementByElement) {
  Function from, to;
  from.pending.Add("x");
  from.pending.Add("y");
  from.rules.ForWriting().Put("limit", 3);
  for (size_t i = 0; i < 3; ++i) {
    for (const std::string& element : from.operator_states()[i]->EncodeElements()) {
      ASSERT_EQ(to.operator_states()[i]->AddEncoded(element), OkStatus());
    }
  }
  EXPECT_EQ(to.pending.Get(), (std::vector<std::string>{"x", "y"}));
  EXPECT_TRUE(to.offsets.empty());
  EXPECT_EQ(*to.rules.ForReading().Find("limit"), 3);
}

TEST(OperatorState, NamesTheStateOfADamagedElement) {
  Function f;
  const Status status = f.operator_states()[1]->AddEncoded("abc");
  EXPECT_EQ(status.code(), StatusCode::kDataLoss);
  EXPECT_NE(status.message().find("\"offsets\""), std::string_view::npos) << status.ToString();
}

TEST(BroadcastState, IsIteratedInOrderOfInsertion) {
  Function f;
  for (int64_t i = 0; i < 20; ++i) f.rules.ForWriting().Put(std::to_string(i), i);
  f.rules.ForWriting().Remove("0");
  int64_t expected = 1;
  for (auto [name, value] : f.rules.ForReading()) EXPECT_EQ(value, expected++);
  EXPECT_EQ(expected, 20);
}

}  // namespace
}  // namespace weir
