#include "weir/types/kept_record.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir {
namespace {

struct Named {
  int64_t id = 0;
  std::string_view name;
  std::optional<std::string_view> nick;
};

TEST(KeptRecord, OwnsTheBytesOfItsViews) {
  std::string name = "a name", nick = "nick";
  KeptRecord<Named> kept(Named{7, name, nick});
  name = nick = "????????";
  EXPECT_EQ(kept.record().id, 7);
  EXPECT_EQ(kept.record().name, "a name");
  EXPECT_EQ(kept.record().nick, "nick");
}

TEST(KeptRecord, CopiesAndMovesItsBytes) {
  std::optional<KeptRecord<Named>> first(Named{7, std::string("a name that is long enough to be allocated"), {}});
  KeptRecord<Named> copy = *first;
  KeptRecord<Named> moved = std::move(*first);
  first.reset();
  const KeptRecord<Named>& same = copy;
  copy = same;
  EXPECT_EQ(copy.record().name, moved.record().name);
  copy = std::move(moved);
  EXPECT_EQ(copy.record().name, "a name that is long enough to be allocated");
}

TEST(KeptRecord, EmptyViewsPointNowhere) {
  const std::string text = "text";
  const KeptRecord<Named> kept(Named{7, std::string_view(text).substr(4), {}});
  EXPECT_EQ(kept.record().name, "");
  EXPECT_EQ(kept.record().name.data(), nullptr);
}

TEST(Kept, IsTheRecordItselfIfItHasNoViews) {
  static_assert(std::is_same_v<Kept<int64_t>, int64_t>);
  EXPECT_EQ(RecordIn(Kept<std::string>("text")), "text");
}

}  // namespace
}  // namespace weir
