// Snapshots of slices that are written while these change: each has what there was when it began.
#include "weir/runtime/window/slices/slice_snapshot.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/hash.h"
#include "weir/base/random.h"
#include "weir/runtime/window/slices/slice_rows.h"
#include "weir/runtime/window/slices/slice_state.h"
#include "weir/types/key_group.h"

#include "tests/unit/state/snapshot_to_memory.h"

namespace weir {
namespace {

struct Declared : StatefulFunction {
  SliceState<int64_t> slices{this, "slices"};
};
using Entries = SliceState<int64_t>::Entries;
// By key, and by the start of the slice.
using Content = std::map<int64_t, std::map<EventTime, int64_t>>;

// Keys with slices, as an operator has them.
class Slices final : public SliceContents {
 public:
  explicit Slices(KeyGroupRange key_groups = {0, 127})
      : keys_(SliceKeys::New(KeyForm::kInteger, key_groups, 128).value()),
        rows_(SliceRows::New(declared_.keyed_states(), key_groups, 128, *keys_, *this).value()) {}

  void Add(int64_t key, EventTime slice, int64_t value) {
    const uint32_t number = NumberOf(key);
    rows_->BeforeChange(number);
    if (by_number_[number].emplace(slice, 0).second) keys_->Use(number);
    by_number_[number][slice] += value;
  }
  // The slice goes, block by block.
  void Drop(EventTime slice) {
    for (uint32_t block = 0; block * 64 < keys_->limit(); ++block) {
      rows_->BeforeBlockChange(block);
      for (uint32_t number = block * 64; number < std::min(block * 64 + 64, keys_->limit()); ++number) {
        if (by_number_[number].erase(slice) > 0) keys_->Release(number);
      }
    }
    keys_->Age();
    keys_->PurgeStale(1000);
  }
  Content content() {
    Content content;
    for (uint32_t number = 0; number < keys_->limit(); ++number) {
      if (keys_->IsUsed(number)) content[keys_->KeyOf(number).integer] = by_number_[number];
    }
    return content;
  }
  SliceRows& rows() { return *rows_; }

  void Compose(uint32_t number, const RowLayout& layout, char* row) const override {
    const auto found = by_number_.find(number);
    if (found == by_number_.end() || found->second.empty()) return;
    auto entries = std::make_unique<Entries>();
    for (const auto& [start, value] : found->second) entries->push_back({start, value});
    *reinterpret_cast<void**>(row + layout.slots[0].offset) = entries.release();
    RowFlags(row) |= layout.slots[0].present;
  }
  Status Absorb(uint32_t number, const RowLayout& layout, char* row) override {
    for (const auto& entry : **reinterpret_cast<Entries**>(row + layout.slots[0].offset)) {
      by_number_[number][entry.start] = entry.value;
      keys_->Use(number);
    }
    return OkStatus();
  }
  uint64_t contents_bytes() const override { return 0; }

 private:
  uint32_t NumberOf(int64_t key) {
    const uint64_t hash = Hash64(static_cast<uint64_t>(key));
    char* row = nullptr;
    keys_->table().Prepare({&key, nullptr}, &hash, 1, &row);
    const uint32_t number = keys_->NumberIn(row) != SliceKeys::kNone ? keys_->NumberIn(row) : keys_->Assign(row);
    keys_->table().Finish();
    return number;
  }

  Declared declared_;
  std::map<uint32_t, std::map<EventTime, int64_t>> by_number_;
  std::unique_ptr<SliceKeys> keys_;
  std::unique_ptr<SliceRows> rows_;
};

struct Running {
  Content content;
  std::unique_ptr<KeyedSnapshot> snapshot;
  std::unique_ptr<WrittenToMemory> written = std::make_unique<WrittenToMemory>();
  bool is_started = false;
};

void ExpectRestores(const Running& running) {
  EXPECT_EQ(running.written->format, "canonical");
  Content restored;
  for (const KeyGroupRange groups : {KeyGroupRange{0, 40}, KeyGroupRange{41, 127}}) {
    Slices part(groups);
    ByteReader in(running.written->bytes, "rows");
    ASSERT_EQ(part.rows().Read(in), OkStatus());
    EXPECT_EQ(in.Finish(), OkStatus());
    const Content content = part.content();
    restored.insert(content.begin(), content.end());
  }
  EXPECT_TRUE(restored == running.content) << restored.size() << " keys, " << running.content.size() << " expected";
}

TEST(SliceSnapshot, HasWhatThereWasWhenItBegan) {
  const bool is_full = false;
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    Slices slices;
    std::vector<Running> open;
    int done = 0;
    for (int step = 0; step < 600; ++step) {
      for (uint64_t left = random.Uniform(300); left > 0; --left)
        slices.Add(static_cast<int64_t>(random.Uniform(6000)), step / 100 + static_cast<int64_t>(random.Uniform(5)), 1);
      if (step % 100 == 99) slices.Drop(step / 100);
      if (open.size() < 3 && random.Uniform(20) == 0) open.push_back({slices.content(), slices.rows().BeginSnapshot()});
      for (Running& running : open) {
        if (!running.is_started && random.Uniform(4) == 0) {
          running.is_started = true;
          running.snapshot->Start({}, std::make_shared<MemorySink>(*running.written, is_full));
        }
        if (running.is_started && random.Uniform(2) == 0) running.snapshot->Advance();
      }
      if (!open.empty() && random.Uniform(200) == 0) open.pop_back();  // aborted
      for (auto at = open.begin(); at != open.end();) {
        if (!at->written->is_done) {
          ++at;
          continue;
        }
        ExpectRestores(*at);
        ++done;
        at = open.erase(at);
      }
    }
    EXPECT_GT(done, 5);
  }
}

TEST(SliceSnapshot, IsWrittenInBoundedPieces) {
  Slices slices;
  for (int64_t key = 0; key < 20000; ++key) {
    for (EventTime slice = 0; slice < 5; ++slice) slices.Add(key, slice, key);
  }
  const bool is_full = false;
  Running running{slices.content(), slices.rows().BeginSnapshot()};
  running.snapshot->Start({}, std::make_shared<MemorySink>(*running.written, is_full));
  int calls = 0;
  while (running.snapshot->Advance()) ++calls;
  EXPECT_GT(calls, 30) << "of 2 MB";
  ExpectRestores(running);
}

TEST(SliceSnapshot, OutlivesItsRows) {
  const bool is_full = false;
  auto slices = std::make_unique<Slices>();
  slices->Add(1, 0, 1);
  Running running{{}, slices->rows().BeginSnapshot()};
  running.snapshot->Start({}, std::make_shared<MemorySink>(*running.written, is_full));
  slices.reset();
  EXPECT_FALSE(running.snapshot->Advance());
  EXPECT_FALSE(running.written->is_done);
}

}  // namespace
}  // namespace weir
