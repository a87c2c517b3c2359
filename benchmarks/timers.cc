// Timers: 1 M keys with one event-time timer each over 60 s, 30 % of them deleted, the rest fired in watermark steps of 100 ms. The baseline is a binary
// heap with a position map per timer, as Flink keeps it. Both look their keys' state up in batches.
//
//   timers ours|baseline [--records n]

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "weir/base/hash.h"
#include "weir/functions/state/keyed_state.h"
#include "weir/state/state_backend.h"
#include "weir/state/timers/timer_store.h"

#include "measure.h"

namespace {

constexpr uint32_t kBatch = 1024;
constexpr int64_t kSpread = 60'000;
constexpr int64_t kStep = 100;

int64_t TimeOf(uint64_t key) { return static_cast<int64_t>(weir::Hash64(key + 1) % kSpread); }
bool IsDeleted(uint64_t key) { return weir::Hash64(key + 2) % 10 < 3; }

// Order of keys within one time does not count.
struct Checksum final : weir::TimerSink {
  void OnTimer(weir::TimeDomain, int64_t time, char*) override { Add(time); }
  void Add(int64_t time) {
    ++fired;
    sum += static_cast<uint64_t>(time) * (fired & 0xff);
  }
  uint64_t fired = 0;
  uint64_t sum = 0;
};

class Ours {
 public:
  Ours()
      : rows_(weir::NewStateBackend("hashmap")
                  .value()
                  ->CreateKeyedRows({.states = {weir::TimerStore::Declaration()}, .key_groups = {0, 127}})
                  .value()),
        timers_(*rows_, weir::KeyForm::kInteger, 0) {}

  void Register(const std::vector<int64_t>& keys) {
    Each(keys,
         [this](int64_t key) { timers_.RegisterEventTime(weir::FromEventTime(TimeOf(static_cast<uint64_t>(key)))); });
  }
  void Delete(const std::vector<int64_t>& keys) {
    Each(keys,
         [this](int64_t key) { timers_.DeleteEventTime(weir::FromEventTime(TimeOf(static_cast<uint64_t>(key)))); });
  }
  void Fire(int64_t watermark, Checksum& checksum) {
    while (timers_.FireDue(weir::TimeDomain::kEvent, watermark, kBatch, checksum)) {
    }
  }

 private:
  template <class F>
  void Each(const std::vector<int64_t>& keys, F&& f) {
    hashes_.resize(keys.size());
    pointers_.resize(keys.size());
    weir::HashInts(keys, hashes_);
    rows_->Prepare({.integers = keys.data()}, hashes_.data(), static_cast<uint32_t>(keys.size()), pointers_.data());
    for (size_t i = 0; i < keys.size(); ++i) {
      timers_.SetKey(pointers_[i]);
      f(keys[i]);
    }
    rows_->Finish();
  }

  std::unique_ptr<weir::KeyedRows> rows_;
  weir::TimerStore timers_;
  std::vector<uint64_t> hashes_;
  std::vector<char*> pointers_;
};

// One heap of all timers, and where in it each is.
class HeapWithPositions {
 public:
  void Register(const std::vector<int64_t>& keys) {
    for (int64_t key : keys) {
      const Timer timer{TimeOf(static_cast<uint64_t>(key)), key};
      if (!positions_.try_emplace(timer, heap_.size()).second) continue;
      heap_.push_back(timer);
      Up(heap_.size() - 1);
    }
  }
  void Delete(const std::vector<int64_t>& keys) {
    for (int64_t key : keys) {
      const auto found = positions_.find({TimeOf(static_cast<uint64_t>(key)), key});
      if (found == positions_.end()) continue;
      const size_t at = found->second;
      positions_.erase(found);
      RemoveAt(at);
    }
  }
  void Fire(int64_t watermark, Checksum& checksum) {
    while (!heap_.empty() && heap_.front().first <= watermark) {
      checksum.Add(heap_.front().first);
      positions_.erase(heap_.front());
      RemoveAt(0);
    }
  }

 private:
  using Timer = std::pair<int64_t, int64_t>;
  struct Hash {
    size_t operator()(const Timer& timer) const {
      return weir::Hash64(static_cast<uint64_t>(timer.first) ^ weir::Hash64(static_cast<uint64_t>(timer.second)));
    }
  };

  void RemoveAt(size_t at) {
    const Timer last = heap_.back();
    heap_.pop_back();
    if (at == heap_.size()) return;
    heap_[at] = last;
    Place(at);
    Up(at);
    Down(at);
  }
  void Place(size_t at) { positions_[heap_[at]] = at; }
  void Swap(size_t a, size_t b) {
    std::swap(heap_[a], heap_[b]);
    Place(a);
    Place(b);
  }
  void Up(size_t at) {
    for (; at > 0 && heap_[at] < heap_[(at - 1) / 2]; at = (at - 1) / 2) Swap(at, (at - 1) / 2);
  }
  void Down(size_t at) {
    while (true) {
      size_t least = at;
      for (size_t child : {2 * at + 1, 2 * at + 2}) {
        if (child < heap_.size() && heap_[child] < heap_[least]) least = child;
      }
      if (least == at) return;
      Swap(at, least);
      at = least;
    }
  }

  std::vector<Timer> heap_;
  std::unordered_map<Timer, size_t, Hash> positions_;
};

// Calls f with batches of the keys that `wanted` says.
template <class Wanted, class F>
void InBatches(uint64_t count, Wanted&& wanted, F&& f) {
  std::vector<int64_t> keys;
  for (uint64_t key = 0; key < count; ++key) {
    if (wanted(key)) keys.push_back(static_cast<int64_t>(key));
    if (keys.size() < kBatch && key + 1 < count) continue;
    f(keys);
    keys.clear();
  }
}

template <class Timers>
void Run(uint64_t records) {
  Timers timers;
  Checksum checksum;
  const weir::bench::Stopwatch watch;
  InBatches(records, [](uint64_t) { return true; }, [&](const std::vector<int64_t>& keys) { timers.Register(keys); });
  InBatches(records, IsDeleted, [&](const std::vector<int64_t>& keys) { timers.Delete(keys); });
  for (int64_t watermark = 0; watermark <= kSpread; watermark += kStep) timers.Fire(watermark, checksum);
  const double cpu_s = watch.CpuSeconds();
  const double wall_s = watch.WallSeconds();
  weir::bench::Report("timers", static_cast<int64_t>(records), cpu_s, wall_s, checksum.sum + checksum.fired);
}

}  // namespace

int main(int argc, char** argv) {
  bool ours = true;
  uint64_t records = 1'000'000;
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "baseline") ours = false;
    if (std::string_view(argv[i]) == "--records" && i + 1 < argc) records = std::strtoull(argv[i + 1], nullptr, 10);
  }
  ours ? Run<Ours>(records) : Run<HeapWithPositions>(records);
}
