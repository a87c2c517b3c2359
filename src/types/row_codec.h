// One record as it lies in an encoded batch: a fixed part of the same size for every row, and bytes in a heap behind all rows.
//
// Decoding is loads at constant offsets: the only thing that runs from row to row is the place in the heap. (A row-wise form with
// lengths between the fields is six times slower to decode: each field waits for the length before it. benchmarks/serializer.)
// docs/formats/batch.md has the bytes.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "weir/base/coding.h"
#include "weir/types/serializer.h"
#include "weir/types/type_kind.h"

namespace weir::internal {

// What a type puts into the heap.
enum class HeapUse : uint8_t {
  kNothing,
  kStrings,  // sizes are known before writing
  kBlobs,    // lists, maps, variants, messages, own classes: their Serializer's bytes
};

// What there is to know of a type before its rows are written. One computation for all of it: every template that is instantiated
// per record type costs user programs compile time.
struct RowShape {
  // Bytes in the fixed part. Optionals keep the room of an absent value, so that offsets stay constant.
  uint32_t fixed_bytes = 0;
  HeapUse heap_use = HeapUse::kNothing;
  // The fixed part is the object's memory: numbers only (a bool's byte must be checked), no padding.
  bool memory_form = true;

  constexpr RowShape operator+(const RowShape& o) const {
    return {fixed_bytes + o.fixed_bytes, heap_use > o.heap_use ? heap_use : o.heap_use, memory_form && o.memory_form};
  }
};

template <class T>
consteval RowShape FindRowShape();

template <class... T>
consteval RowShape AddShapes(TypeList<T...>) {
  return (FindRowShape<T>() + ... + RowShape{});
}

template <class T>
consteval RowShape FindRowShape() {
  constexpr TypeKind kKind = KindOf<T>;
  if constexpr (kKind == TypeKind::kTimestamp || kKind == TypeKind::kDuration) {
    return {.fixed_bytes = 8, .memory_form = sizeof(typename T::rep) == 8};
  } else if constexpr (kKind == TypeKind::kRecord || kKind == TypeKind::kTuple) {
    RowShape shape = AddShapes(FieldTypes<T>{});
    shape.memory_form &= std::is_trivially_copyable_v<T> && sizeof(T) == shape.fixed_bytes;
    return shape;
  } else if constexpr (kKind == TypeKind::kOptional) {
    return FindRowShape<typename T::value_type>() + RowShape{.fixed_bytes = 1, .memory_form = false};
  } else if constexpr (kKind == TypeKind::kArray) {
    RowShape shape = FindRowShape<typename T::value_type>();
    shape.fixed_bytes *= std::tuple_size<T>::value;
    return shape;
  } else if constexpr (std::is_scalar_v<T> && kKind != TypeKind::kCustom) {
    // Of enums, those of bool are bools.
    constexpr bool kChecked =
        kKind == TypeKind::kBool || requires { requires std::is_same_v<std::underlying_type_t<T>, bool>; };
    return {.fixed_bytes = sizeof(T), .memory_form = !kChecked};
  } else {
    // The length of the bytes in the heap.
    return {.fixed_bytes = 4,
            .heap_use = kKind == TypeKind::kString ? HeapUse::kStrings : HeapUse::kBlobs,
            .memory_form = false};
  }
}

template <class T>
inline constexpr RowShape kRowShape = FindRowShape<T>();

// Copies strings of the lengths that records have without a call.
inline char* CopyShort(char* to, const char* from, size_t length) {
  char* const end = to + length;
  if (length > 64) [[unlikely]] {
    std::memcpy(to, from, length);
  } else if (length >= 16) {
    // The last piece overlaps the one before: nothing is read or written outside.
    const char* const last = from + length - 16;
    for (; from < last; from += 16, to += 16) std::memcpy(to, from, 16);
    std::memcpy(end - 16, last, 16);
  } else if (length >= 8) {
    std::memcpy(to, from, 8);
    std::memcpy(end - 8, from + length - 8, 8);
  } else if (length >= 4) {
    std::memcpy(to, from, 4);
    std::memcpy(end - 4, from + length - 4, 4);
  } else if (length > 0) {
    to[0] = from[0];
    to[length / 2] = from[length / 2];
    to[length - 1] = from[length - 1];
  }
  return end;
}

// Where rows are written: `fixed` runs through memory that is there; strings go to `heap` if that is known to have room
// (HeapUse::kStrings), else to `blobs`.
struct RowSink {
  char* fixed;
  char* heap = nullptr;
  ByteWriter* blobs = nullptr;

  template <class T>
  void PutFixed(T value) {
    StoreLittleEndian(fixed, value);
    fixed += sizeof(value);
  }
  void PutText(std::string_view text) {
    PutFixed(static_cast<uint32_t>(text.size()));
    if (blobs != nullptr) {
      blobs->PutBytes(text);
    } else {
      heap = CopyShort(heap, text.data(), text.size());
    }
  }
};

// Bytes that `value` puts into the heap; for HeapUse::kStrings.
template <class T>
size_t HeapBytes(const T& value) {
  constexpr TypeKind kKind = KindOf<T>;
  if constexpr (kRowShape<T>.heap_use == HeapUse::kNothing) {
    return 0;
  } else if constexpr (kKind == TypeKind::kString) {
    return value.size();
  } else if constexpr (kKind == TypeKind::kOptional) {
    return value.has_value() ? HeapBytes(*value) : 0;
  } else if constexpr (kKind == TypeKind::kArray) {
    size_t bytes = 0;
    for (const auto& element : value) bytes += HeapBytes(element);
    return bytes;
  } else {
    return VisitFields(value, [](const auto&... fields) { return (HeapBytes(fields) + ... + 0); });
  }
}

template <class T>
void PutRow(const T& value, RowSink& out) {
  CheckValue<T>();
  constexpr TypeKind kKind = KindOf<T>;
  if constexpr (kRowShape<T>.memory_form || kKind == TypeKind::kBool) {
    out.PutFixed(value);
  } else if constexpr (kKind == TypeKind::kString) {
    out.PutText(value);
  } else if constexpr (kKind == TypeKind::kTimestamp) {
    out.PutFixed(static_cast<int64_t>(value.time_since_epoch().count()));
  } else if constexpr (kKind == TypeKind::kDuration) {
    out.PutFixed(static_cast<int64_t>(value.count()));
  } else if constexpr (kKind == TypeKind::kEnum) {
    out.PutFixed(static_cast<std::underlying_type_t<T>>(value));
  } else if constexpr (kKind == TypeKind::kRecord || kKind == TypeKind::kTuple) {
    static_assert(CheckRecord<T>());
    ForEachField(value, [&out](const auto& field) { PutRow(field, out); });
  } else if constexpr (kKind == TypeKind::kArray) {
    for (const auto& element : value) PutRow(element, out);
  } else if constexpr (kKind == TypeKind::kOptional) {
    out.PutFixed(static_cast<uint8_t>(value.has_value()));
    if (value.has_value()) {
      PutRow(*value, out);
    } else {
      std::memset(out.fixed, 0, kRowShape<typename T::value_type>.fixed_bytes);
      out.fixed += kRowShape<typename T::value_type>.fixed_bytes;
    }
  } else {
    const size_t before = out.blobs->size();
    Serializer<T>::Write(value, *out.blobs);
    out.PutFixed(static_cast<uint32_t>(out.blobs->size() - before));
  }
}

// Where rows are read. Damage is noted, not acted on: whoever reads a batch asks once, at its end.
struct RowSource {
  const char* fixed;
  const char* heap;
  uint64_t offset;  // in the heap; of 64 bits, so that damaged lengths cannot overflow it
  uint64_t heap_bytes;
  bool damaged = false;

  template <class T>
  T GetFixed() {
    const T value = LoadLittleEndian<T>(fixed);
    fixed += sizeof(T);
    return value;
  }
  // The bytes of the next string, which may lie outside the heap: for views, which nobody follows before ok().
  std::string_view GetTextUnchecked() {
    const uint32_t length = GetFixed<uint32_t>();
    const std::string_view text(heap + offset, length);
    offset += length;
    return text;
  }
  // As above, but empty if they lie outside.
  std::string_view GetText() {
    const uint32_t length = GetFixed<uint32_t>();
    if (offset + length > heap_bytes) [[unlikely]] {
      damaged = true;
      return {};
    }
    const std::string_view text(heap + offset, length);
    offset += length;
    return text;
  }
  bool GetFlag() {
    const uint8_t byte = GetFixed<uint8_t>();
    damaged |= byte > 1;
    return byte != 0;
  }
  bool ok() const { return !damaged && offset == heap_bytes; }
};

template <class T>
void GetRow(RowSource& in, T& value);

template <class T>
void GetOptional(RowSource& in, T& value) {
  using Value = typename T::value_type;
  if (in.GetFlag()) {
    if (!value.has_value()) value.emplace();
    GetRow(in, *value);
  } else {
    value.reset();
    in.fixed += kRowShape<Value>.fixed_bytes;
  }
}

template <class T>
void GetBlob(RowSource& in, T& value) {
  ByteReader reader(in.GetText(), "");
  Serializer<T>::Read(reader, value);
  in.damaged |= !reader.ok() || reader.remaining() != 0;
}

template <class T>
void GetRow(RowSource& in, T& value) {
  constexpr TypeKind kKind = KindOf<T>;
  if constexpr (kRowShape<T>.memory_form) {
    value = in.GetFixed<T>();
  } else if constexpr (kKind == TypeKind::kBool) {
    value = in.GetFlag();
  } else if constexpr (std::is_same_v<T, std::string_view>) {
    value = in.GetTextUnchecked();
  } else if constexpr (kKind == TypeKind::kString) {
    value = in.GetText();
  } else if constexpr (kKind == TypeKind::kTimestamp) {
    value = T(typename T::duration(in.GetFixed<int64_t>()));
  } else if constexpr (kKind == TypeKind::kDuration) {
    value = T(in.GetFixed<int64_t>());
  } else if constexpr (kKind == TypeKind::kEnum) {
    value = static_cast<T>(in.GetFlag());  // of bool; all others have memory form
  } else if constexpr (kKind == TypeKind::kRecord || kKind == TypeKind::kTuple) {
    ForEachField(value, [&in](auto& field) { GetRow(in, field); });
  } else if constexpr (kKind == TypeKind::kArray) {
    for (auto& element : value) GetRow(in, element);
  } else if constexpr (kKind == TypeKind::kOptional) {
    GetOptional(in, value);
  } else {
    GetBlob(in, value);
  }
}

}  // namespace weir::internal
