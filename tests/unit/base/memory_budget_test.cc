#include "weir/base/memory_budget.h"

#include <gtest/gtest.h>

#include <vector>

#include "weir/base/random.h"

namespace weir {
namespace {

constexpr uint64_t kMiB = 1 << 20;

class MemoryBudgetTest : public testing::Test {
 protected:
  MemoryBudget budget_{100 * kMiB, "taskmanager.memory.process.size"};
};

TEST_F(MemoryBudgetTest, RefusalSaysWhoHoldsWhatAndWhatToChange) {
  const MemoryReservation heap = *budget_.Reserve("heap state", 60 * kMiB);
  const MemoryReservation buffers = *budget_.Reserve("network buffers", 30 * kMiB);
  const MemoryReservation more = *budget_.Reserve("network buffers", 2 * kMiB);
  const Status refused = budget_.Reserve("RocksDB", 9 * kMiB).status();
  EXPECT_EQ(refused.code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(
      refused.message(),
      "no memory for RocksDB: it asks for 9.0 MiB, and of 100.0 MiB (taskmanager.memory.process.size) only 8.0 MiB are "
      "free; in use: "
      "heap state 60.0 MiB, network buffers 32.0 MiB. Raise taskmanager.memory.process.size or give one of them less.");
  EXPECT_EQ(budget_.reserved_bytes(), 92 * kMiB);
}

TEST_F(MemoryBudgetTest, ReservationGivesItsBytesBack) {
  {
    MemoryReservation first = *budget_.Reserve("a", 100 * kMiB);
    EXPECT_FALSE(budget_.Reserve("b", 1).ok());
    const MemoryReservation moved = std::move(first);
    EXPECT_EQ(first.bytes(), 0u);  // NOLINT: a moved-from reservation is empty
    EXPECT_EQ(budget_.reserved_bytes(), 100 * kMiB);
  }
  EXPECT_EQ(budget_.reserved_bytes(), 0u);
}

TEST_F(MemoryBudgetTest, HugeRequestsDoNotOverflow) {
  const MemoryReservation a = *budget_.Reserve("a", 1);
  EXPECT_FALSE(budget_.Reserve("b", UINT64_MAX).ok());
}

// Whatever is reserved and released, the sum is right and never above the total.
TEST_F(MemoryBudgetTest, SumStaysRight) {
  SeededRandom random(21);
  std::vector<MemoryReservation> held(8);
  for (int step = 0; step < 5000; ++step) {
    MemoryReservation& one = held[random.Uniform(held.size())];
    const uint64_t bytes = random.Uniform(40 * kMiB);
    if (one.bytes() == 0) {
      StatusOr<MemoryReservation> reserved = budget_.Reserve("x", bytes + 1);
      if (reserved.ok()) one = *std::move(reserved);
    } else {
      one.Release();
    }
    uint64_t sum = 0;
    for (const MemoryReservation& reservation : held) sum += reservation.bytes();
    ASSERT_EQ(budget_.reserved_bytes(), sum) << "seed 21, step " << step;
    ASSERT_LE(sum, budget_.total_bytes());
  }
}

}  // namespace
}  // namespace weir
