// From the records of a batch to the rows of keyed state.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "weir/base/coding.h"
#include "weir/functions/state/keyed_rows.h"
#include "weir/runtime/operators/operator.h"
#include "weir/runtime/operators/row_walk.h"
#include "weir/types/batch.h"
#include "weir/types/key.h"

namespace weir {

// The key type of a selector over T.
template <class T, class Selector>
using KeyOf = std::remove_cvref_t<std::invoke_result_t<Selector&, const T&>>;

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

// Puts the hashes of integer keys into `batch`: keys[i] is that of the i-th record that counts.
void StoreHashes(const int64_t* keys, BatchBase& batch);

// Keys of the records that count, closed up. Not inlined: partitioner and state share it, which halves what a selector costs to compile.
template <class T, class Selector>
[[gnu::noinline]] void SelectIntegerKeys(Selector& selector, const Batch<T>& batch, int64_t* keys) {
  ForEachRow(batch,
             [&](const T& record, uint32_t) { *keys++ = KeyTraits<KeyOf<T, Selector>>::ToInteger(selector(record)); });
}

// Fills hashes on the producer's side of a keyed exchange.
template <class T, class Selector>
class SelectorKeyHasher final : public KeyHasher {
 public:
  explicit SelectorKeyHasher(const Selector& selector) : selector_(selector) {}

  void Hash(BatchBase& untyped) override {
    Batch<T>& batch = AsBatch<T>(untyped);
    if constexpr (Traits::kInteger) {
      // All keys first, then all hashes: vector instructions want them side by side.
      int64_t keys[kMaxBatchRows];
      SelectIntegerKeys(selector_, batch, keys);
      StoreHashes(keys, batch);
    } else {
      batch.UseHashes();
      ForEachRow(batch, [&](const T& record, uint32_t row) { batch.hashes[row] = Traits::Hash(selector_(record)); });
    }
  }

 private:
  using Traits = KeyTraits<KeyOf<T, Selector>>;

  Selector selector_;
};

// The keys of one batch with their hashes and rows: what depends neither on the records nor on the selector.
template <bool kInteger>
class ResolvedKeys {
 public:
  // The rows of the records [begin, end) of the batch whose keys are here.
  void PrepareRange(KeyedRows& rows, uint32_t begin, uint32_t end);
  char* row(uint32_t i) const { return rows_[i]; }
  // After Select: of the i-th record that counts.
  uint64_t hash(uint32_t i) const { return used_hashes_[i]; }
  bool SameKey(uint32_t i, uint32_t j) const {
    if constexpr (kInteger) {
      return keys_.integers[i] == keys_.integers[j];
    } else {
      return keys_.bytes[i] == keys_.bytes[j];
    }
  }

 protected:
  // Takes the hashes of `batch`, or computes them from the keys. Fails only in debug builds, if they are those of other keys.
  Status UseHashes(const BatchBase& batch);

  KeyBuffer<kInteger> keys_;

 private:
  uint64_t HashOfKey(uint32_t i) const;

  uint64_t hashes_[kMaxBatchRows];
  const uint64_t* used_hashes_ = nullptr;  // hashes_ or the batch's
  char* rows_[kMaxBatchRows];
};
extern template class ResolvedKeys<true>;
extern template class ResolvedKeys<false>;

// Finds the rows of all keys of a batch with one Prepare. row(i) belongs to the i-th record that counts.
template <class T, class Selector>
class KeyResolver : public ResolvedKeys<KeyTraits<KeyOf<T, Selector>>::kInteger> {
 public:
  using Key = KeyOf<T, Selector>;
  using Traits = KeyTraits<Key>;
  static constexpr KeyForm kForm = Traits::kInteger ? KeyForm::kInteger : KeyForm::kBytes;

  explicit KeyResolver(const Selector& selector) : selector_(selector) {}

  // Fails only in debug builds, if the selector says something else here than it said to the partitioner.
  Status Prepare(Batch<T>& batch, KeyedRows& rows) {
    WEIR_RETURN_IF_ERROR(Select(batch));
    this->PrepareRange(rows, 0, batch.count());
    return OkStatus();
  }
  // The two parts of Prepare, for operators that look up again after rows moved: the keys and hashes of `batch`, which must stay as it is; PrepareRange
  // finds the rows.
  Status Select(Batch<T>& batch) {
    SelectKeys(batch);
    return this->UseHashes(batch);
  }
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

  using ResolvedKeys<Traits::kInteger>::keys_;

  void SelectKeys(Batch<T>& batch) {
    if constexpr (Traits::kInteger) {
      SelectIntegerKeys(selector_, batch, keys_.integers);
    } else if constexpr (kSerialized) {
      SerializeKeys(batch);
    } else if constexpr (kComputedText) {
      ForEachRow(batch,
                 [&, i = 0u](const T& record, uint32_t) mutable { keys_.bytes[i++] = batch.Keep(selector_(record)); });
    } else {
      ForEachRow(batch, [this, i = 0u](const T& record, uint32_t) mutable { keys_.bytes[i++] = selector_(record); });
    }
  }
  // Bytes of all keys one behind the other; views of them once all are there.
  void SerializeKeys(Batch<T>& batch) {
    scratch_.Clear();
    uint32_t count = 0;
    ForEachRow(batch, [&](const T& record, uint32_t) {
      Traits::AppendBytes(selector_(record), scratch_);
      ends_[count++] = static_cast<uint32_t>(scratch_.size());
    });
    uint32_t begin = 0;
    for (uint32_t i = 0; i < count; ++i) {
      keys_.bytes[i] = scratch_.bytes().substr(begin, ends_[i] - begin);
      begin = ends_[i];
    }
  }

  struct NoScratch {};

  Selector selector_;
  [[no_unique_address]] std::conditional_t<kSerialized, ByteWriter, NoScratch> scratch_;
  uint32_t ends_[kSerialized ? kMaxBatchRows : 1];
};

}  // namespace weir
