// The table by which generic code handles the rows of one record type: `BatchTypeOf<Flight>()`.
#pragma once

#include <cstdint>
#include <memory>

#include "weir/types/batch.h"
#include "weir/types/batch_wire.h"
#include "weir/types/rehome.h"
#include "weir/types/row_codec.h"
#include "weir/types/schema_of.h"

namespace weir {

namespace internal {

template <class T>
void ConstructRows(void* rows, uint32_t count) {
  for (T *row = static_cast<T*>(rows), *const end = row + count; row != end; ++row) ::new (row) T();
}

template <class T>
void DestroyRows(void* rows, uint32_t count) {
  for (T *row = static_cast<T*>(rows), *const end = row + count; row != end; ++row) row->~T();
}

template <class T>
void ScatterRows(const BatchBase& in, const uint16_t* rows, uint32_t count, BatchBase& out) {
  ScatterTimesAndHashes(in, rows, count, out);
  const T* const from = static_cast<const T*>(in.rows);
  T* to = static_cast<T*>(out.rows) + out.size;
  for (uint32_t i = 0; i < count; ++i, ++to) {
    *to = from[rows[i]];
    Rehome(*to, out);
  }
  out.size += count;
}

// Calls f(const T&) for each row that counts. One loop for both cases: the branch is predicted, and two copies of the encoder
// would cost each user program 15 ms of compile time per record type.
template <class T, class F>
void ForEachRow(const BatchBase& in, F f) {
  const T* const rows = static_cast<const T*>(in.rows);
  const uint16_t* const selection = in.has_selection ? in.selection : nullptr;
  for (uint32_t i = 0, count = in.count(); i < count; ++i) f(rows[selection == nullptr ? i : selection[i]]);
}

template <class T>
void EncodeRows(const BatchBase& in, ByteWriter& out) {
  constexpr uint32_t kRowBytes = kRowShape<T>.fixed_bytes;
  const size_t fixed_bytes = static_cast<size_t>(kRowBytes) * in.count();
  if constexpr (kRowShape<T>.heap_use == HeapUse::kBlobs) {
    std::string fixed(fixed_bytes, '\0');
    ByteWriter blobs;
    RowSink sink{.fixed = fixed.data(), .blobs = &blobs};
    ForEachRow<T>(in, [&sink](const T& row) { PutRow(row, sink); });
    WriteBatchHead(in, kRowBytes, blobs.size(), out);
    out.PutBytes(fixed);
    out.PutBytes(blobs.bytes());
  } else {
    size_t heap_bytes = 0;
    if constexpr (kRowShape<T>.heap_use == HeapUse::kStrings) {
      ForEachRow<T>(in, [&heap_bytes](const T& row) { heap_bytes += HeapBytes(row); });
    }
    WriteBatchHead(in, kRowBytes, heap_bytes, out);
    char* const fixed = out.Extend(fixed_bytes + heap_bytes);
    if (kRowShape<T>.memory_form && !in.has_selection) {
      if (fixed_bytes > 0) std::memcpy(fixed, in.rows, fixed_bytes);
      return;
    }
    RowSink sink{.fixed = fixed, .heap = fixed + fixed_bytes};
    ForEachRow<T>(in, [&sink](const T& row) { PutRow(row, sink); });
  }
}

template <class T>
Status DecodeRows(Bytes* wire, ByteReader& in, BatchBase& out) {
  constexpr uint32_t kRowBytes = kRowShape<T>.fixed_bytes;
  WEIR_ASSIGN_OR_RETURN(const WireRows found, ReadBatchHead(in, kRowBytes, out));
  T* const rows = static_cast<T*>(out.rows);
  RowSource source{.fixed = found.fixed, .heap = found.heap, .offset = 0, .heap_bytes = found.heap_bytes};
  if constexpr (kRowShape<T>.memory_form) {
    if (found.rows > 0) std::memcpy(static_cast<void*>(rows), found.fixed, static_cast<size_t>(found.rows) * kRowBytes);
  } else {
    for (uint32_t row = 0; row < found.rows; ++row) GetRow(source, rows[row]);
  }
  if (!source.ok()) return RefuseRows(out);
  out.size = found.rows;
  if constexpr (ContainsViews<T>) out.AddOwner(wire);
  return OkStatus();
}

// TypeName with the zero at its end that `BatchType::name` wants.
template <class T>
inline constexpr NameInMessage<TypeName<T>().size()> kTypeNameText{TypeName<T>()};

template <class T>
inline constexpr BatchType kBatchType = {
    .name = kTypeNameText<T>.text,
    .row_bytes = sizeof(T),
    .row_alignment = alignof(T),
    .trivial = std::is_trivially_copyable_v<T>,
    .has_views = ContainsViews<T>,
    .construct = &ConstructRows<T>,
    .destroy = &DestroyRows<T>,
    .scatter = &ScatterRows<T>,
    .encode = &EncodeRows<T>,
    .decode = &DecodeRows<T>,
    .schema = &SchemaOf<T>,
};

}  // namespace internal

// One table per type, of static storage. T is what flows: any serializable value that can be default-constructed and copied.
template <class T>
const BatchType& BatchTypeOf() {
  static_assert(std::is_default_constructible_v<T> && std::is_copy_assignable_v<T>,
                "weir: a record must have a default constructor and be copyable: batches construct their rows once and "
                "assign to them");
  return internal::kBatchType<T>;
}

}  // namespace weir
