// Regular joins beside a model that keeps both tables and joins them anew.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <variant>
#include <vector>

#include "weir/api/table_joined_stream.h"
#include "weir/base/random.h"
#include "weir/testing/harness_of.h"
#include "weir/testing/interleaved_harness.h"
#include "weir/testing/operator_check.h"

#include "tests/harness/status_matchers.h"

namespace weir {
namespace {

struct Row {
  int64_t key = 0;
  int64_t value = 0;
};
constexpr int64_t kNobody = -1;
struct Pair {
  int64_t left = 0;
  int64_t right = 0;
  friend auto operator<=>(const Pair&, const Pair&) = default;
};
using Either = std::variant<Change<Row>, Change<Row>>;
using Element = StreamElement<Either>;
using Table = std::multiset<Pair>;

int64_t ValueOf(const Row* row) { return row == nullptr ? kNobody : row->value; }
int64_t KeyOfChange(const Change<Row>& change) { return change.row.key; }
// Some rows of equal keys do not match.
bool Match(const Row& left, const Row& right) { return (left.value + right.value) % 4 != 0; }

// Calls use(harness factory) for the join of that type.
template <class Use>
void WithJoin(JoinType type, Use use) {
  const auto make_with = [](auto join) {
    return [join](HarnessOptions options) {
      return InterleavedHarness(HarnessOf<Change<Row>, Change<Row>>(
          [&](auto left, auto right) { return join(left.KeyBy(&KeyOfChange), right.KeyBy(&KeyOfChange)); }, options));
    };
  };
  if (type == JoinType::kInner) {
    use(make_with([](auto left, auto right) {
      return left.InnerJoin(right).If(&Match).Apply([](const Row& l, const Row& r) { return Pair{l.value, r.value}; });
    }));
  } else if (type == JoinType::kLeft) {
    use(make_with([](auto left, auto right) {
      return left.LeftJoin(right).If(&Match).Apply(
          [](const Row& l, const Row* r) { return Pair{l.value, ValueOf(r)}; });
    }));
  } else if (type == JoinType::kRight) {
    use(make_with([](auto left, auto right) {
      return left.RightJoin(right).If(&Match).Apply(
          [](const Row* l, const Row& r) { return Pair{ValueOf(l), r.value}; });
    }));
  } else {
    use(make_with([](auto left, auto right) {
      return left.FullJoin(right).If(&Match).Apply(
          [](const Row* l, const Row* r) { return Pair{ValueOf(l), ValueOf(r)}; });
    }));
  }
}

class Model {
 public:
  explicit Model(JoinType type) : type_(type) {}

  // Rows that are taken away are there.
  Change<Row> RandomChange(SeededRandom& random, size_t side) {
    std::vector<Row>& rows = rows_[side];
    if (!rows.empty() && random.Uniform(3) == 0) {
      const size_t at = random.Uniform(rows.size());
      const Row gone = rows[at];
      rows.erase(rows.begin() + static_cast<ptrdiff_t>(at));
      return {random.Uniform(2) == 0 ? RowKind::kDelete : RowKind::kUpdateBefore, gone};
    }
    rows.push_back({static_cast<int64_t>(random.Uniform(3)), static_cast<int64_t>(random.Uniform(6))});
    return {random.Uniform(2) == 0 ? RowKind::kInsert : RowKind::kUpdateAfter, rows.back()};
  }
  Table Joined() const {
    Table joined;
    for (const Row& left : rows_[0]) {
      bool alone = true;
      for (const Row& right : rows_[1]) {
        if (left.key != right.key || !Match(left, right)) continue;
        alone = false;
        joined.insert({left.value, right.value});
      }
      if (alone && KeepsLeftAlone(type_)) joined.insert({left.value, kNobody});
    }
    for (const Row& right : rows_[1]) {
      const bool alone = std::none_of(rows_[0].begin(), rows_[0].end(),
                                      [&](const Row& left) { return left.key == right.key && Match(left, right); });
      if (alone && KeepsRightAlone(type_)) joined.insert({kNobody, right.value});
    }
    return joined;
  }

 private:
  const JoinType type_;
  std::vector<Row> rows_[2];
};

class TableJoinModel : public ::testing::TestWithParam<uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, TableJoinModel, ::testing::Range<uint64_t>(1, 21));

TEST_P(TableJoinModel, TheChangesGiveTheTableThatAJoinAnewGives) {
  for (JoinType type : {JoinType::kInner, JoinType::kLeft, JoinType::kRight, JoinType::kFull}) {
    SeededRandom random(GetParam());
    Model model(type);
    std::vector<Element> input;
    WithJoin(type, [&](auto make) {
      auto harness = make(HarnessOptions{});
      Table table;
      for (int i = 0; i < 150; ++i) {
        const size_t side = random.Uniform(2);
        const Change<Row> change = model.RandomChange(random, side);
        const Either either =
            side == 0 ? Either(std::in_place_index<0>, change) : Either(std::in_place_index<1>, change);
        input.push_back(Element::Record(either));
        harness.PushElements({input.back()});
        for (const Change<Pair>& result : harness.TakeOutput()) {
          if (IsAddition(result.kind)) {
            table.insert(result.row);
          } else {
            // Only what is there is taken away.
            const auto found = table.find(result.row);
            ASSERT_NE(found, table.end()) << "join type " << static_cast<int>(type) << ", change " << i;
            table.erase(found);
          }
        }
        ASSERT_EQ(table, model.Joined()) << "join type " << static_cast<int>(type) << ", change " << i;
      }
      input.resize(40);
      EXPECT_OK(CheckSameResults(make, input));
      EXPECT_OK(CheckRescaling(make, input));
    });
  }
}

}  // namespace
}  // namespace weir
