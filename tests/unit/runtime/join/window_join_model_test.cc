// CoGroups of windows beside a model that knows every window of every key.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include "weir/api/joined_streams.h"
#include "weir/base/random.h"
#include "weir/testing/harness_of.h"
#include "weir/testing/interleaved_harness.h"
#include "weir/testing/operator_check.h"

#include "tests/harness/status_matchers.h"

namespace weir {
namespace {

struct Row {
  int64_t key = 0;
  int64_t id = 0;
};
// What a window held when it fired: ids in order of arrival, the time of the result.
struct Group {
  std::vector<int64_t> first;
  std::vector<int64_t> second;
  int64_t time = 0;
  friend auto operator<=>(const Group&, const Group&) = default;
};
using Either = std::variant<Row, Row>;
using Element = StreamElement<Either>;

template <class Assigner>
auto MakeHarness(const Assigner& assigner, HarnessOptions options) {
  return InterleavedHarness(HarnessOf<Row, Row>(
      [&](auto first, auto second) {
        return first.CoGroup(second).Where(&Row::key).EqualTo(&Row::key).Window(assigner).Apply(
            [](std::span<const Row> rows1, std::span<const Row> rows2, Collector<Group>& out) {
              Group group;
              for (const Row& row : rows1) group.first.push_back(row.id);
              for (const Row& row : rows2) group.second.push_back(row.id);
              out.Collect(std::move(group));
            });
      },
      std::move(options)));
}

// All records, up to `disorder` behind the newest; watermarks behind that, so that nothing is late.
std::vector<Element> RandomInput(SeededRandom& random, uint64_t keys, int count) {
  constexpr int64_t kDisorder = 15;
  std::vector<Element> elements;
  int64_t newest = -40;
  int64_t watermark = newest - kDisorder - 1;
  for (int i = 0; i < count; ++i) {
    newest += static_cast<int64_t>(random.Uniform(5));
    const int64_t time = newest - static_cast<int64_t>(random.Uniform(kDisorder + 1));
    const Row row{static_cast<int64_t>(random.Uniform(keys)), i};
    const Either either =
        random.Uniform(2) == 0 ? Either(std::in_place_index<0>, row) : Either(std::in_place_index<1>, row);
    elements.push_back(Element::Record(either, time));
    if (random.Uniform(3) != 0 || newest - kDisorder - 1 == watermark) continue;
    watermark = newest - kDisorder - 1;
    elements.push_back(Element::Watermark(watermark));
  }
  return elements;
}

const Row& RowOf(const Element& element) {
  return element.record.index() == 0 ? std::get<0>(element.record) : std::get<1>(element.record);
}
void AddTo(Group& group, const Element& element) {
  (element.record.index() == 0 ? group.first : group.second).push_back(RowOf(element).id);
}

// Windows of `size` every `slide`.
std::vector<Group> SlidingGroups(const std::vector<Element>& elements, int64_t size, int64_t slide) {
  std::map<std::pair<int64_t, int64_t>, Group> groups;  // by key and end
  for (const Element& element : elements) {
    if (element.kind != ElementKind::kRecord) continue;
    for (int64_t start = -1000 * slide; start <= element.time; start += slide) {
      if (element.time >= start + size) continue;
      Group& group = groups[{RowOf(element).key, start + size}];
      group.time = start + size - 1;
      AddTo(group, element);
    }
  }
  std::vector<Group> sorted;
  for (auto& [key, group] : groups) sorted.push_back(std::move(group));
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

struct Session {
  int64_t start = 0;
  int64_t end = 0;
  Group group;
};

// Sessions that `gap` ends. One that has fired is gone: what touches it later begins another.
std::vector<Group> SessionGroups(const std::vector<Element>& elements, int64_t gap) {
  std::map<int64_t, std::vector<Session>> sessions;  // by key
  std::vector<Group> fired;
  const auto fire = [&](int64_t watermark) {
    for (auto& [key, of_key] : sessions) {
      for (const Session& session : of_key) {
        if (session.end - 1 <= watermark) fired.push_back(session.group);
      }
      std::erase_if(of_key, [&](const Session& session) { return session.end - 1 <= watermark; });
    }
  };
  for (const Element& element : elements) {
    if (element.kind == ElementKind::kWatermark) {
      fire(element.time);
      continue;
    }
    std::vector<Session>& of_key = sessions[RowOf(element).key];
    Session merged{element.time, element.time + gap, {}};
    for (const Session& session : of_key) {
      if (session.start > merged.end || session.end < merged.start) continue;
      merged.start = std::min(merged.start, session.start);
      merged.end = std::max(merged.end, session.end);
      merged.group.first.insert(merged.group.first.end(), session.group.first.begin(), session.group.first.end());
      merged.group.second.insert(merged.group.second.end(), session.group.second.begin(), session.group.second.end());
    }
    std::erase_if(of_key,
                  [&](const Session& session) { return session.start >= merged.start && session.end <= merged.end; });
    AddTo(merged.group, element);
    merged.group.time = merged.end - 1;
    of_key.push_back(merged);
  }
  fire(kMaxWatermark);
  return fired;
}

template <class Assigner>
std::vector<Group> GroupsOf(const Assigner& assigner, const std::vector<Element>& input) {
  auto harness = MakeHarness(assigner, {});
  harness.PushElements(input).EndInput();
  std::vector<Group> groups;
  for (auto& element : harness.TakeElements()) {
    if (element.kind != ElementKind::kRecord) continue;
    element.record.time = element.time;
    groups.push_back(std::move(element.record));
  }
  EXPECT_OK(harness.status());
  auto fresh = MakeHarness(assigner, {});
  EXPECT_EQ(harness.Snapshot().value(), fresh.Snapshot().value()) << "state is left";
  std::sort(groups.begin(), groups.end());
  return groups;
}
std::vector<Group> InOrderOfIds(std::vector<Group> groups) {
  for (Group& group : groups) {
    std::sort(group.first.begin(), group.first.end());
    std::sort(group.second.begin(), group.second.end());
  }
  std::sort(groups.begin(), groups.end());
  return groups;
}

class WindowJoinModel : public ::testing::TestWithParam<uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, WindowJoinModel, ::testing::Range<uint64_t>(1, 21));

TEST_P(WindowJoinModel, WindowsHoldWhatTheModelPutsIntoThem) {
  SeededRandom random(GetParam());
  const std::vector<Element> input = RandomInput(random, 3, 300);
  const int64_t slide = 1 + static_cast<int64_t>(random.Uniform(20));
  const int64_t size = slide + static_cast<int64_t>(random.Uniform(30));
  EXPECT_EQ(GroupsOf(SlidingEventTimeWindows(Duration(size), Duration(slide)), input),
            SlidingGroups(input, size, slide));
  EXPECT_EQ(GroupsOf(TumblingEventTimeWindows(Duration(size)), input), SlidingGroups(input, size, size));
  EXPECT_EQ(InOrderOfIds(GroupsOf(EventTimeSessionWindows(Duration(slide)), input)),
            InOrderOfIds(SessionGroups(input, slide)));
}

TEST_P(WindowJoinModel, GivesTheSameResultsHoweverItIsFedAndRestored) {
  SeededRandom random(GetParam());
  const std::vector<Element> input = RandomInput(random, 5, 60);
  // Windows of several keys that end together fire in no particular order.
  const std::vector<Element> one_key = RandomInput(random, 1, 60);
  const auto sliding = [](HarnessOptions options) {
    return MakeHarness(SlidingEventTimeWindows(Duration(12), Duration(5)), options);
  };
  EXPECT_OK(CheckSameResults(sliding, one_key));
  EXPECT_OK(CheckRescaling(sliding, input));
  const auto sessions = [](HarnessOptions options) {
    return MakeHarness(EventTimeSessionWindows(Duration(6)), options);
  };
  EXPECT_OK(CheckSameResults(sessions, one_key));
  EXPECT_OK(CheckRescaling(sessions, input));
}

}  // namespace
}  // namespace weir
