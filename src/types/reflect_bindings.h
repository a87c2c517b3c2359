// The one place that spells out structured bindings: C++20 has no binding packs, so `VisitBindings`
// has a branch per number of fields. Included by types/reflect.h alone.
#pragma once

// Lists of 1 to 8 names with a common prefix; eight of them make 64.
#define WEIR_NAMES_1(p) p##1
#define WEIR_NAMES_2(p) WEIR_NAMES_1(p), p##2
#define WEIR_NAMES_3(p) WEIR_NAMES_2(p), p##3
#define WEIR_NAMES_4(p) WEIR_NAMES_3(p), p##4
#define WEIR_NAMES_5(p) WEIR_NAMES_4(p), p##5
#define WEIR_NAMES_6(p) WEIR_NAMES_5(p), p##6
#define WEIR_NAMES_7(p) WEIR_NAMES_6(p), p##7
#define WEIR_NAMES_8(p) WEIR_NAMES_7(p), p##8

#define WEIR_NAMES_16(p) WEIR_NAMES_8(p##a), WEIR_NAMES_8(p##b)
#define WEIR_NAMES_24(p) WEIR_NAMES_16(p), WEIR_NAMES_8(p##c)
#define WEIR_NAMES_32(p) WEIR_NAMES_24(p), WEIR_NAMES_8(p##d)
#define WEIR_NAMES_40(p) WEIR_NAMES_32(p), WEIR_NAMES_8(p##e)
#define WEIR_NAMES_48(p) WEIR_NAMES_40(p), WEIR_NAMES_8(p##f)
#define WEIR_NAMES_56(p) WEIR_NAMES_48(p), WEIR_NAMES_8(p##g)

// One branch: `n` fields, bound to the names that follow.
#define WEIR_BINDING_CASE(n, ...)     \
  else if constexpr (kCount == (n)) { \
    auto& [__VA_ARGS__] = object;     \
    return visitor(__VA_ARGS__);      \
  }

// Eight branches: from `base` + 1 to `base` + 8 fields.
#define WEIR_BINDING_CASES(base, ...)                                        \
  WEIR_BINDING_CASE(base + 1, __VA_ARGS__ __VA_OPT__(, ) WEIR_NAMES_1(last)) \
  WEIR_BINDING_CASE(base + 2, __VA_ARGS__ __VA_OPT__(, ) WEIR_NAMES_2(last)) \
  WEIR_BINDING_CASE(base + 3, __VA_ARGS__ __VA_OPT__(, ) WEIR_NAMES_3(last)) \
  WEIR_BINDING_CASE(base + 4, __VA_ARGS__ __VA_OPT__(, ) WEIR_NAMES_4(last)) \
  WEIR_BINDING_CASE(base + 5, __VA_ARGS__ __VA_OPT__(, ) WEIR_NAMES_5(last)) \
  WEIR_BINDING_CASE(base + 6, __VA_ARGS__ __VA_OPT__(, ) WEIR_NAMES_6(last)) \
  WEIR_BINDING_CASE(base + 7, __VA_ARGS__ __VA_OPT__(, ) WEIR_NAMES_7(last)) \
  WEIR_BINDING_CASE(base + 8, __VA_ARGS__ __VA_OPT__(, ) WEIR_NAMES_8(last))

namespace weir::internal {

// Calls `visitor(field...)` with references to the `kCount` fields of `object`, in order of declaration.
template <int kCount, class T, class Visitor>
constexpr decltype(auto) VisitBindings(T& object, Visitor&& visitor) {
  if constexpr (kCount == 0) {
    (void)object;
    return visitor();
  }
  WEIR_BINDING_CASES(0)
  WEIR_BINDING_CASES(8, WEIR_NAMES_8(a))
  WEIR_BINDING_CASES(16, WEIR_NAMES_16(f))
  WEIR_BINDING_CASES(24, WEIR_NAMES_24(f))
  WEIR_BINDING_CASES(32, WEIR_NAMES_32(f))
  WEIR_BINDING_CASES(40, WEIR_NAMES_40(f))
  WEIR_BINDING_CASES(48, WEIR_NAMES_48(f))
  WEIR_BINDING_CASES(56, WEIR_NAMES_56(f))
  else {
    static_assert(kCount <= 64, "weir: a record has at most 64 fields; group some of them into a nested struct");
  }
}

}  // namespace weir::internal

#undef WEIR_BINDING_CASES
#undef WEIR_BINDING_CASE
#undef WEIR_NAMES_1
#undef WEIR_NAMES_2
#undef WEIR_NAMES_3
#undef WEIR_NAMES_4
#undef WEIR_NAMES_5
#undef WEIR_NAMES_6
#undef WEIR_NAMES_7
#undef WEIR_NAMES_8
#undef WEIR_NAMES_16
#undef WEIR_NAMES_24
#undef WEIR_NAMES_32
#undef WEIR_NAMES_40
#undef WEIR_NAMES_48
#undef WEIR_NAMES_56
