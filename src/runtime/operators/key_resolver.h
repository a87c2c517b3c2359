// From the records of a batch to the rows of keyed state.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "weir/base/coding.h"
#include "weir/functions/state/keyed_rows.h"
#include "weir/runtime/operators/operator.h"
#include "weir/types/batch.h"
#include "weir/types/key.h"

namespace weir {

// The key type of a selector over T.
template <class T, class Selector>
using KeyOf = std::remove_cvref_t<std::invoke_result_t<Selector&, const T&>>;

// The key selector gave another key for a record than it had given before.
Status UnstableKeyError();

// Storage for the keys of one batch, in either form.
template <bool kInteger>
struct KeyBuffer {
  int64_t integers[kMaxBatchRows];
  KeyColumn column(uint32_t begin) const { return {.integers = integers + begin}; }
};
template <>
struct KeyBuffer<false> {
  std::string_view bytes[kMaxBatchRows];
  KeyColumn column(uint32_t begin) const { return {.bytes = bytes + begin}; }
};

// Fills hashes on the producer's side of a keyed exchange.
template <class T, class Selector>
class SelectorKeyHasher final : public KeyHasher {
 public:
  explicit SelectorKeyHasher(const Selector& selector) : selector_(selector) {}

  void Hash(BatchBase& untyped) override {
    Batch<T>& batch = AsBatch<T>(untyped);
    batch.UseHashes();
    uint64_t* const hashes = batch.hashes;
    if constexpr (Traits::kInteger) {
      HashIntegers(batch, hashes);
    } else {
      batch.ForEach([&](const T& record, uint32_t row) { hashes[row] = Traits::Hash(selector_(record)); });
    }
  }

 private:
  using Traits = KeyTraits<KeyOf<T, Selector>>;

  // All keys first, then all hashes: vector instructions want them side by side.
  void HashIntegers(Batch<T>& batch, uint64_t* hashes) {
    int64_t keys[kMaxBatchRows];
    const uint32_t count = batch.count();
    batch.ForEach([&, i = 0u](const T& record, uint32_t) mutable { keys[i++] = Traits::ToInteger(selector_(record)); });
    if (!batch.has_selection) return HashInts({keys, count}, {hashes, count});
    uint64_t closed_up[kMaxBatchRows];
    HashInts({keys, count}, {closed_up, count});
    for (uint32_t i = 0; i < count; ++i) hashes[batch.selection[i]] = closed_up[i];
  }

  Selector selector_;
};

// Finds the rows of all keys of a batch with one Prepare. rows()[i] belongs to the i-th record that counts.
template <class T, class Selector>
class KeyResolver {
 public:
  using Key = KeyOf<T, Selector>;
  using Traits = KeyTraits<Key>;
  static constexpr KeyForm kForm = Traits::kInteger ? KeyForm::kInteger : KeyForm::kBytes;

  explicit KeyResolver(const Selector& selector) : selector_(selector) {}

  // Fails only in debug builds, if the selector says something else here than it said to the partitioner.
  Status Prepare(Batch<T>& batch, KeyedRows& rows) {
    WEIR_RETURN_IF_ERROR(Select(batch));
    PrepareRange(rows, 0, batch.count());
    return OkStatus();
  }
  // The two parts of Prepare, for operators that look up again after rows moved: the keys and hashes of `batch`, which must stay as it is, and the rows
  // of its records [begin, end).
  Status Select(Batch<T>& batch) {
    SelectKeys(batch);
    used_hashes_ = Hashes(batch);
#ifndef NDEBUG
    WEIR_RETURN_IF_ERROR(CheckHashes(used_hashes_, batch.count()));
#endif
    return OkStatus();
  }
  void PrepareRange(KeyedRows& rows, uint32_t begin, uint32_t end) {
    rows.Prepare(keys_.column(begin), used_hashes_ + begin, end - begin, rows_ + begin);
  }
  char* row(uint32_t i) const { return rows_[i]; }
  // The key of the i-th record that counts, as functions get it; text lives as long as the batch.
  typename Traits::Argument KeyAt(uint32_t i, const T& record) {
    if constexpr (Traits::kInteger) {
      return Traits::FromInteger(keys_.integers[i]);
    } else if constexpr (Traits::kText) {
      return keys_.bytes[i];
    } else {
      return selector_(record);
    }
  }

 private:
  // The selector makes strings: results may hold views of them, so that they become part of the batch, as if the record had them.
  static constexpr bool kComputedText =
      Traits::kText && std::is_same_v<std::invoke_result_t<Selector&, const T&>, std::string>;
  // The keys' bytes are what the serializer makes of them; nobody sees these but the state.
  static constexpr bool kSerialized = !Traits::kInteger && !Traits::kText;

  void SelectKeys(Batch<T>& batch) {
    if constexpr (Traits::kInteger) {
      batch.ForEach([this, i = 0u](const T& record, uint32_t) mutable {
        keys_.integers[i++] = Traits::ToInteger(selector_(record));
      });
    } else if constexpr (kSerialized) {
      SerializeKeys(batch);
    } else if constexpr (kComputedText) {
      batch.ForEach(
          [&, i = 0u](const T& record, uint32_t) mutable { keys_.bytes[i++] = batch.Keep(selector_(record)); });
    } else {
      batch.ForEach([this, i = 0u](const T& record, uint32_t) mutable { keys_.bytes[i++] = selector_(record); });
    }
  }
  // Bytes of all keys one behind the other; views of them once all are there.
  void SerializeKeys(Batch<T>& batch) {
    scratch_.Clear();
    uint32_t count = 0;
    batch.ForEach([&](const T& record, uint32_t) {
      Traits::AppendBytes(selector_(record), scratch_);
      ends_[count++] = static_cast<uint32_t>(scratch_.size());
    });
    uint32_t begin = 0;
    for (uint32_t i = 0; i < count; ++i) {
      keys_.bytes[i] = scratch_.bytes().substr(begin, ends_[i] - begin);
      begin = ends_[i];
    }
  }
  const uint64_t* Hashes(Batch<T>& batch) {
    if (!batch.has_hashes) return HashKeys(batch.count());
    if (!batch.has_selection) return batch.hashes;
    for (uint32_t i = 0, n = batch.count(); i < n; ++i) hashes_[i] = batch.hashes[batch.selection[i]];
    return hashes_;
  }
  const uint64_t* HashKeys(uint32_t count) {
    if constexpr (Traits::kInteger) {
      HashInts({keys_.integers, count}, {hashes_, count});
    } else {
      for (uint32_t i = 0; i < count; ++i) hashes_[i] = HashOfKey(i);
    }
    return hashes_;
  }
  uint64_t HashOfKey(uint32_t i) const {
    if constexpr (Traits::kInteger) {
      return Hash64(static_cast<uint64_t>(keys_.integers[i]));
    } else {
      return HashBytes(keys_.bytes[i]);
    }
  }
#ifndef NDEBUG
  Status CheckHashes(const uint64_t* hashes, uint32_t count) const {
    for (uint32_t i = 0; i < count; ++i) {
      if (hashes[i] != HashOfKey(i)) return UnstableKeyError();
    }
    return OkStatus();
  }
#endif

  struct NoScratch {};

  Selector selector_;
  KeyBuffer<Traits::kInteger> keys_;
  uint64_t hashes_[kMaxBatchRows];
  const uint64_t* used_hashes_ = nullptr;  // hashes_ or the batch's
  char* rows_[kMaxBatchRows];
  [[no_unique_address]] std::conditional_t<kSerialized, ByteWriter, NoScratch> scratch_;
  uint32_t ends_[kSerialized ? kMaxBatchRows : 1];
};

}  // namespace weir
