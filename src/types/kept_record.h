// Records that outlive their batch: in windows, joins and requests.
#pragma once

#include <cstring>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

#include "weir/types/record.h"
#include "weir/types/rehome.h"

namespace weir {

// A record whose views point into memory of its own.
template <class T>
class KeptRecord {
 public:
  KeptRecord() = default;
  explicit KeptRecord(const T& record) : record_(record) { Own(); }
  KeptRecord(const KeptRecord& other) : KeptRecord(other.record_) {}
  KeptRecord(KeptRecord&&) noexcept = default;
  KeptRecord& operator=(const KeptRecord& other) { return *this = KeptRecord(other); }
  KeptRecord& operator=(KeptRecord&&) noexcept = default;

  const T& record() const { return record_; }

 private:
  void Own() {
    size_t bytes = 0;
    internal::ForEachView(record_, [&](std::string_view& view) { bytes += view.size(); });
    if (bytes == 0) return internal::ForEachView(record_, [](std::string_view& view) { view = {}; });
    bytes_ = std::make_unique_for_overwrite<char[]>(bytes);
    char* at = bytes_.get();
    internal::ForEachView(record_, [&](std::string_view& view) {
      if (!view.empty()) std::memcpy(at, view.data(), view.size());
      view = std::string_view(at, view.size());
      at += view.size();
    });
  }

  T record_{};
  std::unique_ptr<char[]> bytes_;
};

// How a T is kept, and the record in it.
template <class T>
using Kept = std::conditional_t<ContainsViews<T>, KeptRecord<T>, T>;

template <class T>
const T& RecordIn(const KeptRecord<T>& kept) {
  return kept.record();
}
template <class T>
const T& RecordIn(const T& kept) {
  return kept;
}

}  // namespace weir
