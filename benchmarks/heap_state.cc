// Prepare and update of value states on the heap: batches of 1024 keys, hashes computed in the measured time, every key there before it starts.
// The baseline is the natural loop: one record at a time into a table with linear probing; with --batched, the same with prefetches 16 ahead.
//
//   heap_state ours|baseline [--keys n] [--states 1|3] [--records n] [--batched] [--zipf]

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <vector>

#include "weir/base/hash.h"
#include "weir/functions/state/keyed_state.h"
#include "weir/state/state_backend.h"

#include "measure.h"
#include "zipf.h"

namespace {

constexpr uint32_t kBatch = 1024;

struct Options {
  bool ours = true;
  bool batched = false;
  bool zipf = false;
  uint64_t keys = 1'000'000;
  int states = 1;
  uint64_t records = 30'000'000;
};

Options Parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "baseline") options.ours = false;
    if (argument == "--batched") options.batched = true;
    if (argument == "--zipf") options.zipf = true;
    if (i + 1 == argc) break;
    if (argument == "--keys") options.keys = std::strtoull(argv[i + 1], nullptr, 10);
    if (argument == "--states") options.states = std::atoi(argv[i + 1]);
    if (argument == "--records") options.records = std::strtoull(argv[i + 1], nullptr, 10);
  }
  return options;
}

// The same sequence of keys in every variant. Those of a Zipf distribution are drawn beforehand.
class Generator {
 public:
  Generator(uint64_t keys, bool zipf) : keys_(keys) {
    if (!zipf) return;
    weir::bench::Zipf source(keys, 1);
    drawn_.resize(kDrawn);
    for (int32_t& key : drawn_) key = static_cast<int32_t>(source.Next());
  }
  int64_t Next() {
    if (!drawn_.empty()) return drawn_[state_++ % kDrawn];
    state_ = state_ * 6364136223846793005 + 1442695040888963407;
    return static_cast<int64_t>((state_ >> 32) * keys_ >> 32);
  }

 private:
  static constexpr size_t kDrawn = size_t{1} << 22;
  const uint64_t keys_;
  uint64_t state_ = 42;
  std::vector<int32_t> drawn_;
};

struct OneState : weir::StatefulFunction {
  weir::ValueState<int64_t> count{this, "count"};
  void Process(int64_t) { count.Update(count.ValueOr(0) + 1); }
};

struct ThreeStates : weir::StatefulFunction {
  weir::ValueState<int64_t> count{this, "count"};
  weir::ValueState<int64_t> sum{this, "sum"};
  weir::ValueState<int64_t> max{this, "max"};
  void Process(int64_t value) {
    count.Update(count.ValueOr(0) + 1);
    sum.Update(sum.ValueOr(0) + value);
    const int64_t before = max.ValueOr(0);
    if (value > before) max.Update(value);
  }
};

template <class Function>
class Ours {
 public:
  explicit Ours(uint64_t)
      : rows_(weir::NewStateBackend("hashmap")
                  .value()
                  ->CreateKeyedRows({.states = function_.keyed_states(), .key_groups = {0, 127}})
                  .value()) {
    function_.BindStates(*rows_);
  }
  void Process(const std::vector<int64_t>& keys) {
    weir::HashInts(keys, hashes_);
    rows_->Prepare({.integers = keys.data()}, hashes_.data(), kBatch, pointers_.data());
    for (uint32_t i = 0; i < kBatch; ++i) {
      function_.key_context().row = pointers_[i];
      function_.Process(keys[i] & 1023);
    }
    rows_->Finish();
  }
  int64_t Sum() {
    int64_t sum = 0;
    for (weir::RowCursor cursor; !cursor.done;) {
      const uint32_t count = rows_->Walk(cursor, kBatch, pointers_.data());
      for (uint32_t i = 0; i < count; ++i) {
        function_.key_context().row = pointers_[i];
        sum += function_.count.Value() * (rows_->KeyOf(pointers_[i]).integer + 1);
      }
    }
    return sum;
  }

 private:
  Function function_;
  std::unique_ptr<weir::KeyedRows> rows_;
  std::vector<uint64_t> hashes_ = std::vector<uint64_t>(kBatch);
  std::vector<char*> pointers_ = std::vector<char*>(kBatch);
};

struct One {
  int64_t count = 0;
  void Process(int64_t) { ++count; }
};
struct Three {
  int64_t count = 0;
  int64_t sum = 0;
  int64_t max = 0;
  void Process(int64_t value) {
    ++count;
    sum += value;
    if (value > max) max = value;
  }
};

template <class Value, bool kBatched>
class Loop {
 public:
  explicit Loop(uint64_t keys) {
    uint64_t size = 16;
    while (size * 7 / 10 < keys) size *= 2;
    table_.resize(size);
    mask_ = size - 1;
  }
  void Process(const std::vector<int64_t>& keys) {
    if constexpr (kBatched) {
      weir::HashInts(keys, hashes_);
      for (uint32_t i = 0; i < kBatch; ++i) {
        if (i + 16 < kBatch) __builtin_prefetch(&table_[hashes_[i + 16] & mask_], 1);
        At(keys[i], hashes_[i]).Process(keys[i] & 1023);
      }
    } else {
      for (int64_t key : keys) At(key, weir::Hash64(static_cast<uint64_t>(key))).Process(key & 1023);
    }
  }
  int64_t Sum() {
    int64_t sum = 0;
    for (const Entry& entry : table_) sum += entry.value.count * entry.key;
    return sum;
  }

 private:
  struct Entry {
    int64_t key = 0;  // the key + 1; 0: empty
    Value value;
  };
  Value& At(int64_t key, uint64_t hash) {
    for (uint64_t i = hash & mask_;; i = (i + 1) & mask_) {
      if (table_[i].key == key + 1) return table_[i].value;
      if (table_[i].key != 0) continue;
      table_[i].key = key + 1;
      return table_[i].value;
    }
  }
  std::vector<Entry> table_;
  uint64_t mask_;
  std::vector<uint64_t> hashes_ = std::vector<uint64_t>(kBatch);
};

template <class Table>
void Run(const Options& options) {
  Table table(options.keys);
  std::vector<int64_t> keys(kBatch);
  for (uint64_t key = 0; key < options.keys; key += kBatch) {
    for (uint32_t i = 0; i < kBatch; ++i) keys[i] = static_cast<int64_t>((key + i) % options.keys);
    table.Process(keys);
  }
  Generator generator(options.keys, options.zipf);
  const weir::bench::Stopwatch watch;
  uint64_t records = 0;
  for (; records < options.records; records += kBatch) {
    for (int64_t& key : keys) key = generator.Next();
    table.Process(keys);
  }
  const double cpu_s = watch.CpuSeconds();
  const double wall_s = watch.WallSeconds();
  weir::bench::Report("heap_state", static_cast<int64_t>(records), cpu_s, wall_s, table.Sum());
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = Parse(argc, argv);
  if (options.ours) {
    options.states == 3 ? Run<Ours<ThreeStates>>(options) : Run<Ours<OneState>>(options);
  } else if (options.batched) {
    options.states == 3 ? Run<Loop<Three, true>>(options) : Run<Loop<One, true>>(options);
  } else {
    options.states == 3 ? Run<Loop<Three, false>>(options) : Run<Loop<One, false>>(options);
  }
}
