#include "weir/runtime/network/row_router.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <optional>
#include <utility>

#include "weir/runtime/network/two_way_scatter.h"
#include "weir/types/key_group.h"

namespace weir {

namespace {

// Plain rows up to this size are copied into a batch per channel: a consumer then reads dense rows and needs no selection. Larger ones are shared.
// benchmarks/exchange: at 16 bytes copying costs a third of sharing.
constexpr uint32_t kScatterBytes = 32;

// Numbers of the rows that count, in order, for batches without a selection.
struct Identity {
  uint16_t rows[kMaxBatchRows];
  Identity() { std::iota(rows, rows + kMaxBatchRows, uint16_t{0}); }
};
const Identity kIdentity;

const uint16_t* RowsOf(const BatchBase& batch) { return batch.has_selection ? batch.selection : kIdentity.rows; }

// Decides the channel of every row that counts.
class Router {
 public:
  virtual ~Router() = default;
  // Of two channels: the least hash that is the second one's. Nothing: not decided by hashes alone.
  virtual std::optional<uint64_t> SecondBegins() const { return {}; }
  // Fills the hashes, for SecondBegins.
  virtual void Hash(BatchBase&) {}
  // channel_of[i]: of the i-th row that counts.
  virtual Status Route(BatchBase& batch, const uint16_t* rows, uint32_t count, uint16_t* channel_of) = 0;
};

class HashRouter final : public Router {
 public:
  HashRouter(std::unique_ptr<KeyHasher> hasher, uint32_t channels, int max_parallelism)
      : hasher_(std::move(hasher)),
        max_parallelism_(max_parallelism),
        channel_of_group_(max_parallelism),
        is_split_in_two_(channels == 2 && max_parallelism >= 2) {
    for (int group = 0; group < max_parallelism; ++group) {
      channel_of_group_[group] =
          static_cast<uint16_t>(SubtaskForKeyGroup(group, static_cast<int>(channels), max_parallelism));
    }
  }

  // Groups are given to channels in order, and grow with the hash.
  std::optional<uint64_t> SecondBegins() const override {
    if (!is_split_in_two_) return {};
    const auto second = std::find(channel_of_group_.begin(), channel_of_group_.end(), 1);
    const uint64_t group = static_cast<uint64_t>(second - channel_of_group_.begin());
    const uint64_t groups = static_cast<uint64_t>(max_parallelism_);
    return ((group << 32) + groups - 1) / groups << 32;
  }
  void Hash(BatchBase& batch) override { hasher_->Hash(batch); }
  Status Route(BatchBase& batch, const uint16_t* rows, uint32_t count, uint16_t* channel_of) override {
    hasher_->Hash(batch);
    const uint64_t* const hashes = batch.hashes;
    const uint16_t* const channels = channel_of_group_.data();
    for (uint32_t i = 0; i < count; ++i) channel_of[i] = channels[KeyGroupForHash(hashes[rows[i]], max_parallelism_)];
    return OkStatus();
  }

 private:
  const std::unique_ptr<KeyHasher> hasher_;
  const int max_parallelism_;
  std::vector<uint16_t> channel_of_group_;
  const bool is_split_in_two_;
};

class ShuffleRouter final : public Router {
 public:
  ShuffleRouter(uint64_t seed, uint32_t channels) : state_(seed * 2 + 1), channels_(channels) {}

  Status Route(BatchBase&, const uint16_t*, uint32_t count, uint16_t* channel_of) override {
    for (uint32_t i = 0; i < count; ++i) {
      // SplitMix64 (Steele, Lea, Flood 2014): one multiply-xor chain per record.
      uint64_t x = state_ += 0x9e3779b97f4a7c15ull;
      x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
      x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
      channel_of[i] = static_cast<uint16_t>(((x >> 32) * channels_) >> 32);
    }
    return OkStatus();
  }

 private:
  uint64_t state_;
  const uint64_t channels_;
};

class CustomRouter final : public Router {
 public:
  CustomRouter(std::unique_ptr<RowPartitioner> partitioner, uint32_t channels)
      : partitioner_(std::move(partitioner)), channels_(static_cast<int>(channels)) {}

  Status Route(BatchBase& batch, const uint16_t*, uint32_t, uint16_t* channel_of) override {
    return partitioner_->Partition(batch, channels_, channel_of);
  }

 private:
  const std::unique_ptr<RowPartitioner> partitioner_;
  const int channels_;
};

std::unique_ptr<Router> NewRouter(PartitionWriterOptions& options) {
  const uint32_t channels = static_cast<uint32_t>(options.channels.size());
  if (options.kind == Partitioner::kShuffle) return std::make_unique<ShuffleRouter>(options.seed, channels);
  if (options.kind == Partitioner::kCustom)
    return std::make_unique<CustomRouter>(std::move(options.partitioner), channels);
  return std::make_unique<HashRouter>(std::move(options.hasher), channels, options.max_parallelism);
}

class RoutingWriter : public PartitionWriter {
 public:
  explicit RoutingWriter(PartitionWriterOptions& options) : PartitionWriter(options), router_(NewRouter(options)) {}

  void Accept(BatchBase* batch) final {
    const uint32_t count = batch->count();
    CountRecords(count);
    const uint16_t* const rows = RowsOf(*batch);
    if (second_begins_.has_value()) {
      router_->Hash(*batch);
    } else if (Status status = router_->Route(*batch, rows, count, channel_of_); !status.ok()) {
      Fail(std::move(status));
      Recycle(batch);
      return;
    }
    Distribute(batch, rows, count);
  }

 protected:
  virtual void Distribute(BatchBase* batch, const uint16_t* rows, uint32_t count) = 0;
  // From now on batches come with hashes instead of `channel_of_`, if these decide between two channels.
  void UseHashesAlone() { second_begins_ = router_->SecondBegins(); }

  uint16_t channel_of_[kMaxBatchRows];
  std::optional<uint64_t> second_begins_;

 private:
  const std::unique_ptr<Router> router_;
};

// Hands the same batch to all channels, with a selection for each.
class SharingWriter final : public RoutingWriter {
 public:
  explicit SharingWriter(PartitionWriterOptions& options) : RoutingWriter(options), end_(channel_count()) {}

  void Distribute(BatchBase* batch, const uint16_t* rows, uint32_t count) override {
    if (channel_count() == 1) return SendBatch(0, batch);
    std::fill(end_.begin(), end_.end(), 0u);
    for (uint32_t i = 0; i < count; ++i) ++end_[channel_of_[i]];
    uint32_t receivers = 0, begin = 0;
    for (uint32_t& end : end_) {
      receivers += end > 0 || !batch->marks.empty();
      begin += std::exchange(end, begin);
    }
    if (receivers == 0) return Recycle(batch);
    batch->UseRoutes();
    for (uint32_t i = 0; i < count; ++i) batch->routes[end_[channel_of_[i]]++] = rows[i];
    // Before the first Push: a quick consumer must not be the last reader while others are still to come.
    batch->readers.store(receivers, std::memory_order_relaxed);
    const bool to_all = !batch->marks.empty();
    begin = 0;
    for (uint32_t channel = 0; channel < channel_count(); ++channel) {
      const uint32_t selected = end_[channel] - begin;
      if (selected > 0 || to_all)
        Send(channel, ChannelElement{.batch = batch, .selection = batch->routes + begin, .count = selected});
      begin = end_[channel];
    }
  }

 private:
  std::vector<uint32_t> end_;  // per channel, where its selection ends in `routes`
};

// Copies rows into the batch that is open for their channel.
class ScatteringWriter final : public RoutingWriter {
 public:
  explicit ScatteringWriter(PartitionWriterOptions& options)
      : RoutingWriter(options),
        open_(channel_count()),
        row_bytes_(options.type->row_bytes),
        carries_hashes_(options.carries_hashes && options.kind == Partitioner::kHash),
        is_two_way_(channel_count() == 2 && row_bytes_ % 8 == 0) {
    if (is_two_way_) UseHashesAlone();
  }
  ~ScatteringWriter() override { DropAll(); }

  void Distribute(BatchBase* batch, const uint16_t* rows, uint32_t count) override {
    if (channel_count() == 1) return SendBatch(0, batch);
    // A batch has times for all its rows or for none.
    if (std::exchange(with_times_, batch->has_times) != batch->has_times) CloseAll();
    uint32_t done = 0;
    for (const Mark& mark : batch->marks) {
      const uint32_t until = static_cast<uint32_t>(std::lower_bound(rows + done, rows + count, mark.row) - rows);
      ScatterRange(*batch, rows, done, until);
      done = until;
      for (Open& open : open_) AddMark(open, mark.watermark);
    }
    ScatterRange(*batch, rows, done, count);
    Recycle(batch);
  }

  // A batch that nothing has been written to stays open: of a step with few rows most channels get none.
  void Flush() override {
    for (uint32_t channel = 0; channel < channel_count(); ++channel) {
      const Open& open = open_[channel];
      if (open.batch != nullptr && (open.size > 0 || !open.batch->marks.empty())) SendOpen(channel);
    }
  }

 private:
  struct Open {
    BatchBase* batch = nullptr;
    uint32_t size = 0;
    uint32_t capacity = 0;  // 0: no batch, or one that was opened for a mark alone
  };
  // What one run of rows is copied from.
  struct From {
    const char* rows;
    const uint64_t* hashes;    // nullptr: not carried
    const EventTime* times;    // nullptr: there are none
    const uint16_t* selected;  // numbers of the rows
    const uint16_t* channels;
  };

  // Runs that surely fit, so that nothing is checked per row.
  void ScatterRange(BatchBase& batch, const uint16_t* rows, uint32_t begin, uint32_t end) {
    while (begin < end) {
      const uint32_t count = std::min(end - begin, MakeRoom());
      const From from{static_cast<const char*>(batch.rows), carries_hashes_ ? batch.hashes : nullptr,
                      batch.has_times ? batch.times : nullptr, rows + begin, channel_of_ + begin};
      if (is_two_way_) {
        ScatterToTwo(from, batch.hashes, count);
      } else {
        ScatterRun(from, count);
      }
      begin += count;
    }
  }
  void ScatterRun(const From& from, uint32_t count) {
    switch (row_bytes_) {
      case 8:
        return ScatterToMany<8>(from, count);
      case 16:
        return ScatterToMany<16>(from, count);
      case 24:
        return ScatterToMany<24>(from, count);
      case 32:
        return ScatterToMany<32>(from, count);
      default:
        return ScatterToMany<0>(from, count);
    }
  }

  void ScatterToTwo(const From& from, const uint64_t* hashes, uint32_t count) {
    const ScatterSource source{.rows = from.rows,
                               .hashes = hashes,
                               .times = from.times,
                               .selected = from.selected,
                               .channels = second_begins_.has_value() ? nullptr : from.channels,
                               .second_begins = second_begins_.value_or(0)};
    const uint32_t in_second = ScatterTwoWays(source, count, row_bytes_, RoomIn(open_[0]), RoomIn(open_[1]));
    open_[0].size += count - in_second;
    open_[1].size += in_second;
  }
  ScatterTarget RoomIn(const Open& open) const {
    return {static_cast<char*>(open.batch->rows) + static_cast<size_t>(open.size) * row_bytes_,
            carries_hashes_ ? open.batch->hashes + open.size : nullptr,
            with_times_ ? open.batch->times + open.size : nullptr};
  }

  template <uint32_t kBytes>
  void ScatterToMany(const From& from, uint32_t count) {
    const uint32_t bytes = kBytes != 0 ? kBytes : row_bytes_;
    for (uint32_t i = 0; i < count; ++i) {
      const size_t row = from.selected[i];
      Open& open = open_[from.channels[i]];
      BatchBase& to = *open.batch;
      std::memcpy(static_cast<char*>(to.rows) + static_cast<size_t>(open.size) * bytes, from.rows + row * bytes, bytes);
      if (from.hashes != nullptr) to.hashes[open.size] = from.hashes[row];
      if (from.times != nullptr) to.times[open.size] = from.times[row];
      ++open.size;
    }
  }

  void CloseAll() {
    Flush();
    DropAll();
  }
  void DropAll() {
    for (Open& open : open_) {
      if (open.batch != nullptr) Recycle(open.batch);
      open = Open{};
    }
  }

  // Sends full batches, so that every channel has room; returns how many rows fit whatever their channels are.
  uint32_t MakeRoom() {
    uint32_t room = kMaxBatchRows;
    for (uint32_t channel = 0; channel < channel_count(); ++channel) {
      Open& open = open_[channel];
      if (open.capacity - open.size < kLeastRun) Turn(channel);
      room = std::min(room, open.capacity - open.size);
    }
    return room;
  }

  void Turn(uint32_t channel) {
    Open& open = open_[channel];
    if (open.batch != nullptr) SendOpen(channel);
    open.batch = Fresh();
    open.capacity = open.batch->capacity;
    if (carries_hashes_) open.batch->UseHashes();
    if (with_times_) open.batch->UseTimes();
  }

  void AddMark(Open& open, EventTime watermark) {
    // A batch opened for a mark alone has neither times nor hashes; the next row opens another.
    if (open.batch == nullptr) open.batch = Fresh();
    open.batch->marks.push_back(Mark{open.size, watermark});
  }

  void SendOpen(uint32_t channel) {
    Open& open = open_[channel];
    open.batch->size = open.size;
    open.size = open.capacity = 0;
    SendBatch(channel, std::exchange(open.batch, nullptr));
  }

  // A batch with less room than this is sent: shorter runs cost more than the rest of the batch is worth.
  static constexpr uint32_t kLeastRun = 64;

  std::vector<Open> open_;
  const uint32_t row_bytes_;
  const bool carries_hashes_;
  const bool is_two_way_;
  bool with_times_ = false;  // of the open batches
};

}  // namespace

std::unique_ptr<PartitionWriter> NewRoutingWriter(PartitionWriterOptions& options) {
  if (options.type->trivial && !options.type->has_views && options.type->row_bytes <= kScatterBytes) {
    return std::make_unique<ScatteringWriter>(options);
  }
  return std::make_unique<SharingWriter>(options);
}

BatchBase* CopyRows(const BatchBase& batch, BatchPool& pool) {
  BatchBase* const copy = pool.Get();
  const uint16_t* const rows = RowsOf(batch);
  const uint32_t count = batch.count();
  batch.type->scatter(batch, rows, count, *copy);
  for (const Mark& mark : batch.marks) {
    // Rows were closed up: the mark stands before the first copied row that it stood before.
    const uint32_t row = static_cast<uint32_t>(std::lower_bound(rows, rows + count, mark.row) - rows);
    copy->marks.push_back(Mark{row, mark.watermark});
  }
  return copy;
}

}  // namespace weir
