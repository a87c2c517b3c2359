// The unit that flows: records of one type, contiguous, with parallel arrays.
//
//   rows       T[capacity]        constructed once, reused by assignment
//   times      EventTime[...]     event timestamps, if has_times
//   hashes     uint64_t[...]      key hashes, if has_hashes: computed once by the partitioner, used by the state table
//   selection  uint16_t[...]      which rows count, ascending, if has_selection: filters never move rows
//   marks      {row, watermark}   watermarks inside the batch; only barriers, status changes and end of data end a batch
//   owners     Bytes*             what the views inside the rows point into
//
// A batch has exactly one owner: an operator, a channel slot or a pool. It is handed over by pointer, and every owner either passes it on or recycles
// it. Between a partitioner and its channels one batch may be shared: each consumer then owns a *view*, a batch of its own that points to the rows of
// the shared one, with a selection of rows that no other consumer has.
//
// Threads: one at a time; handing over through a channel publishes it. Recycle may run on any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "weir/base/status.h"
#include "weir/base/time.h"
#include "weir/types/bytes.h"

namespace weir {

class BatchPool;
class ByteReader;
class ByteWriter;
class Schema;
struct BatchBase;

// Most rows of one batch: with 64 B records this is the 64 KiB below; more rows only add latency (512 to 4096 cost the same).
inline constexpr uint32_t kMaxBatchRows = 1024;
// Most bytes of the rows of one batch, so that a few batches per channel stay in a core's L2 cache.
inline constexpr uint32_t kMaxBatchBytes = 64 * 1024;

// Everything that generic code may do with the rows of one type. One static table per record type: `BatchTypeOf<T>()` in types/batch_type.h.
struct BatchType {
  const char* name;                               // for messages
  uint32_t row_bytes;                             // sizeof(T)
  uint32_t row_alignment;                         // alignof(T)
  bool trivial;                                   // rows may be copied as bytes, and need no construction
  bool has_views;                                 // some field is a view: batches need owners
  void (*construct)(void* rows, uint32_t count);  // value-initialises T[count]
  void (*destroy)(void* rows, uint32_t count);
  // Appends copies of `count` rows of `in` to `out` (which has room), view bytes included; times and hashes too if `in` has them.
  void (*scatter)(const BatchBase& in, const uint16_t* rows, uint32_t count, BatchBase& out);
  // Wire form, docs/formats/batch.md. Encodes the selected rows.
  void (*encode)(const BatchBase& in, ByteWriter& out);
  // Appends the rows of one encoded batch to the empty batch `out`; views point into `wire`, which becomes an owner of `out`.
  Status (*decode)(Bytes* wire, ByteReader& in, BatchBase& out);
  const Schema& (*schema)();
};

// Stands before `row`: all records before it (and before this batch) that come later than `watermark` have been seen.
struct Mark {
  uint32_t row;
  EventTime watermark;
};

struct BatchBase {
  uint32_t size = 0;      // rows filled
  uint32_t selected = 0;  // entries of `selection`, if has_selection
  uint32_t capacity = 0;
  bool has_selection = false;
  bool has_times = false;
  bool has_hashes = false;
  bool owns_rows = false;  // false: a view, or an empty batch without rows
  const BatchType* type = nullptr;
  void* rows = nullptr;
  uint16_t* selection = nullptr;  // uint16_t[capacity]
  EventTime* times = nullptr;     // EventTime[capacity]; allocated at the first need, see UseTimes
  uint64_t* hashes = nullptr;     // uint64_t[capacity]; allocated at the first need, see UseHashes
  uint16_t* routes = nullptr;     // uint16_t[capacity]; the selections of the channels that share this batch
  std::vector<Mark> marks;        // ascending by row
  std::vector<Bytes*> owners;
  std::vector<BatchBase*> held;  // batches whose rows views of this one point into (records with std::string fields)
  Bytes* arena = nullptr;        // the last of `owners` that Keep may still fill
  // > 1 only while shared. Set by the producer before it publishes; every reader drops one with Recycle.
  std::atomic<uint32_t> readers{1};
  BatchBase* parent = nullptr;  // the shared batch, if this is a view of it
  BatchPool* home = nullptr;
  BatchBase* next = nullptr;  // link of the pool's free list

  // Number of rows that count.
  uint32_t count() const { return has_selection ? selected : size; }
  bool empty() const { return count() == 0 && marks.empty(); }
  bool full() const { return size == capacity; }

  // Makes `times` (`hashes`, `routes`) usable; contents are undefined until written.
  void UseTimes();
  void UseHashes();
  void UseRoutes();

  // Makes this batch an owner of `bytes` unless it is one already; retains.
  void AddOwner(Bytes* bytes);
  // All owners of `from`, and `from` itself if its rows own bytes that views of this batch may point into.
  void ShareOwners(BatchBase& from, bool hold_rows);
  // Copies `text` into memory that lives as long as this batch.
  std::string_view Keep(std::string_view text) {
    const uint32_t length = static_cast<uint32_t>(text.size());
    char* at = arena != nullptr ? arena->Allocate(length) : nullptr;
    if (at == nullptr) [[unlikely]]
      at = GrowArena(length);
    if (length > 0) std::memcpy(at, text.data(), length);  // an empty view may point nowhere
    return std::string_view(at, length);
  }
  // Room for `length` bytes in a fresh chunk that this batch owns.
  char* GrowArena(uint32_t length);
  // The largest watermark of the marks, or kMinWatermark.
  EventTime LastWatermark() const { return marks.empty() ? kMinWatermark : marks.back().watermark; }
};

// Gives up one reader of `batch`; the last one empties it and sends it home. Any thread.
void Recycle(BatchBase* batch);

// Owns a batch while user code, which may throw, looks at it.
struct BatchRecycler {
  void operator()(BatchBase* batch) const { Recycle(batch); }
};
using BatchPtr = std::unique_ptr<BatchBase, BatchRecycler>;

// A batch whose row type is known: what user functions and typed operators see.
template <class T>
struct Batch : BatchBase {
  T* data() { return static_cast<T*>(rows); }
  const T* data() const { return static_cast<const T*>(rows); }

  // The next free row; the caller checks full() first.
  T& Append() { return data()[size++]; }

  // Calls f(T&, uint32_t row) for every row that counts: two loops, no branch inside.
  template <class F>
  void ForEach(F&& f) {
    if (!has_selection) {
      for (uint32_t row = 0, n = size; row < n; ++row) f(data()[row], row);
    } else {
      for (uint32_t i = 0, n = selected; i < n; ++i) f(data()[selection[i]], selection[i]);
    }
  }
};

static_assert(sizeof(Batch<int>) == sizeof(BatchBase), "typed batches are casts of untyped ones");

template <class T>
Batch<T>& AsBatch(BatchBase& batch) {
  return static_cast<Batch<T>&>(batch);
}

}  // namespace weir
