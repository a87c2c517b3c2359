#include "weir/state/timers/timer_calendar.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "weir/base/random.h"

namespace weir {
namespace {

constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

StoredKey Key(int64_t number) {
  StoredKey key;
  key.integer = number;
  return key;
}

std::vector<int64_t> Take(TimerCalendar& calendar, int64_t up_to, uint32_t capacity = 1000) {
  TimerCalendar::Entries due;
  calendar.TakeDue(up_to, capacity, due);
  std::vector<int64_t> times;
  for (const TimerCalendar::Entry& entry : due.list) times.push_back(entry.time);
  return times;
}

TEST(TimerCalendar, GivesWhatIsDueInOrder) {
  TimerCalendar calendar(KeyForm::kInteger);
  for (int64_t time : {500, 3, 100000000, 64, 3, -7}) calendar.Add(time, Key(1));
  EXPECT_EQ(calendar.NextTime(), -7);
  EXPECT_EQ(Take(calendar, 500), (std::vector<int64_t>{-7, 3, 3, 64, 500}));
  EXPECT_EQ(Take(calendar, 99999999), std::vector<int64_t>());
  EXPECT_EQ(calendar.NextTime(), 100000000);
  EXPECT_EQ(Take(calendar, kNever), std::vector<int64_t>{100000000});
  EXPECT_EQ(calendar.NextTime(), kNever);
}

TEST(TimerCalendar, TakesAtMostWhatIsAskedFor) {
  TimerCalendar calendar(KeyForm::kInteger);
  for (int64_t i = 0; i < 10; ++i) calendar.Add(9 - i, Key(i));
  EXPECT_EQ(Take(calendar, 100, 4), (std::vector<int64_t>{0, 1, 2, 3}));
  EXPECT_EQ(Take(calendar, 5, 4), (std::vector<int64_t>{4, 5}));
  EXPECT_EQ(calendar.entry_count(), 4u);
}

TEST(TimerCalendar, GivesEntriesForThePastBeforeAllOthers) {
  TimerCalendar calendar(KeyForm::kInteger);
  calendar.Add(1000000, Key(1));
  calendar.Add(1000500, Key(1));
  EXPECT_EQ(Take(calendar, 1000000).size(), 1u);
  calendar.Add(5, Key(2));
  calendar.Add(999999, Key(2));
  EXPECT_EQ(calendar.NextTime(), 5);
  EXPECT_EQ(Take(calendar, kNever), (std::vector<int64_t>{5, 999999, 1000500}));
}

TEST(TimerCalendar, KeepsKeysOfBytes) {
  TimerCalendar calendar(KeyForm::kBytes);
  StoredKey key;
  const std::string longer(100, 'k');
  key.bytes = longer;
  calendar.Add(1, key);
  key.bytes = "";
  calendar.Add(2, key);
  TimerCalendar::Entries due;
  calendar.TakeDue(2, 10, due);
  ASSERT_EQ(due.list.size(), 2u);
  EXPECT_EQ(due.KeyOf(due.list[0], KeyForm::kBytes).bytes, longer);
  EXPECT_EQ(due.KeyOf(due.list[1], KeyForm::kBytes).bytes, "");
}

TEST(TimerCalendar, GivesUpBucketsThatAreMostlyDeletedOnceEach) {
  TimerCalendar calendar(KeyForm::kInteger);
  for (int64_t i = 0; i < 20000; ++i) {
    calendar.Add(7777, Key(i % 100));
    calendar.NoteDeleted(7777);
  }
  TimerCalendar::Entries stale;
  ASSERT_TRUE(calendar.TakeStale(stale));
  EXPECT_EQ(stale.list.size(), 100u);
  EXPECT_TRUE(calendar.empty());
  EXPECT_FALSE(calendar.TakeStale(stale));
  EXPECT_EQ(calendar.NextTime(), kNever);
}

TEST(TimerCalendar, AgreesWithASortedListUnderRandomUse) {
  SeededRandom random(3);
  TimerCalendar calendar(KeyForm::kInteger);
  std::vector<int64_t> model;
  int64_t now = 0;
  for (int step = 0; step < 3000; ++step) {
    for (int i = 0; i < 10; ++i) {
      const int64_t time = now - 50 + static_cast<int64_t>(random.Uniform(uint64_t{1} << random.Uniform(20)));
      calendar.Add(time, Key(i));
      model.push_back(time);
    }
    now += static_cast<int64_t>(random.Uniform(2000));
    std::sort(model.begin(), model.end());
    const size_t due =
        std::min<size_t>(20, static_cast<size_t>(std::upper_bound(model.begin(), model.end(), now) - model.begin()));
    ASSERT_EQ(Take(calendar, now, 20), std::vector<int64_t>(model.begin(), model.begin() + static_cast<int64_t>(due)))
        << "step " << step;
    model.erase(model.begin(), model.begin() + static_cast<int64_t>(due));
  }
}

}  // namespace
}  // namespace weir
