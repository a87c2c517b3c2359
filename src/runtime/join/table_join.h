// Joins of two streams as tables that grow and shrink: every row meets every row of the other side with its key, whenever it came.
//
// Inner, left, right and full: a row of an outer side that meets nobody is emitted alone; when its first partner comes, that result is taken back (-D), and
// emitted again (+I) when its last partner goes. Equal rows are counted, so that taking one away leaves the others.
//
//   per key and side:  row -> {how many equal ones, how many partners (outer sides)}      both expire with the time to live
#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "weir/functions/change.h"
#include "weir/functions/process_function.h"
#include "weir/functions/state/map_state.h"
#include "weir/types/type_kind.h"

namespace weir {

enum class JoinType : uint8_t { kInner, kLeft, kRight, kFull };
inline constexpr bool KeepsLeftAlone(JoinType type) { return type == JoinType::kLeft || type == JoinType::kFull; }
inline constexpr bool KeepsRightAlone(JoinType type) { return type == JoinType::kRight || type == JoinType::kFull; }

// A row as the key of a map: two are equal if their bytes are.
template <class T>
struct JoinRow {
  T row;
  friend bool operator==(const JoinRow& a, const JoinRow& b) { return EncodeToString(a.row) == EncodeToString(b.row); }
};

struct JoinCount {
  int64_t rows = 0;
  int64_t partners = 0;  // of each of them; kept for an outer side only
};

struct JoinTtl {
  Ttl left;
  Ttl right;
};

// Without a condition, rows of one key match.
struct MatchesAll {
  template <class L, class R>
  bool operator()(const L&, const R&) const {
    return true;
  }
};

namespace internal {

// SQL's rule: a key that is null, or has a part that is, equals no key.
template <class Key>
bool HasNull(const Key& key) {
  constexpr TypeKind kKind = KindOf<Key>;
  if constexpr (kKind == TypeKind::kOptional) {
    return !key.has_value();
  } else if constexpr (kKind == TypeKind::kTuple) {
    bool has_null = false;
    ForEachField(key, [&](const auto& part) { has_null = has_null || HasNull(part); });
    return has_null;
  } else {
    return false;
  }
}

// What F makes of two rows; pointers, null for no row, in place of those that may be missing.
template <JoinType kType, class L, class R, class F>
decltype(auto) CallTableJoin(F& function, const L* left, const R* right) {
  if constexpr (kType == JoinType::kInner) {
    return function(*left, *right);
  } else if constexpr (kType == JoinType::kLeft) {
    return function(*left, right);
  } else if constexpr (kType == JoinType::kRight) {
    return function(left, *right);
  } else {
    return function(left, right);
  }
}

template <JoinType kType, class In1, class In2, class F>
struct TableJoinTypes {
  using L = typename ChangeTraits<In1>::Row;
  using R = typename ChangeTraits<In2>::Row;
  using Row = std::remove_cvref_t<decltype(CallTableJoin<kType, L, R>(std::declval<F&>(), nullptr, nullptr))>;
  // Rows can be taken back.
  static constexpr bool kChanges =
      kType != JoinType::kInner || ChangeTraits<In1>::kIsChange || ChangeTraits<In2>::kIsChange;
  using Result = std::conditional_t<kChanges, Change<Row>, Row>;
};

}  // namespace internal

// In1, In2: row types, or Change<> of such. F: see CallTableJoin. Condition: bool(const L&, const R&).
template <JoinType kType, class Key, class In1, class In2, class F, class Condition>
class TableJoinFunction final
    : public KeyedCoProcessFunction<Key, In1, In2, typename internal::TableJoinTypes<kType, In1, In2, F>::Result> {
  using Types = internal::TableJoinTypes<kType, In1, In2, F>;
  using L = typename Types::L;
  using R = typename Types::R;
  using Out = typename Types::Result;
  static_assert(
      !ContainsViews<L> && !ContainsViews<R>,
      "weir: a join keeps the rows of both sides, and this row type holds a std::string_view: use std::string");
  static_assert(!ContainsViews<typename Types::Row>,
                "weir: results of a join come from state, which a std::string_view would outlive: use std::string");

 public:
  using Context = typename KeyedCoProcessFunction<Key, In1, In2, Out>::Context;

  TableJoinFunction(const F& function, const Condition& condition, const JoinTtl& ttl)
      : function_(function),
        condition_(condition),
        left_(this, "left-records", ttl.left),
        right_(this, "right-records", ttl.right) {}

  void ProcessElement1(const In1& in, Context& ctx, Collector<Out>& out) { Process<true>(in, left_, right_, ctx, out); }
  void ProcessElement2(const In2& in, Context& ctx, Collector<Out>& out) {
    Process<false>(in, right_, left_, ctx, out);
  }

 private:
  template <class T>
  using Rows = MapState<JoinRow<T>, JoinCount>;
  template <bool kIsLeft>
  static constexpr bool kIsOuter = kIsLeft ? KeepsLeftAlone(kType) : KeepsRightAlone(kType);

  template <bool kIsLeft, class In, class Own, class Other>
  void Process(const In& in, Rows<Own>& own, Rows<Other>& others, Context& ctx, Collector<Out>& out) {
    const RowKind kind = internal::ChangeTraits<In>::KindOf(in);
    const JoinRow<Own> row{internal::ChangeTraits<In>::RowOf(in)};
    if (internal::HasNull(ctx.key())) {
      if constexpr (kIsOuter<kIsLeft>)
        EmitAlone<kIsLeft>(IsAddition(kind) ? RowKind::kInsert : RowKind::kDelete, row.row, out);
    } else if (IsAddition(kind)) {
      Add<kIsLeft>(kind, row, own, others, out);
    } else {
      Retract<kIsLeft>(kind, row, own, others, out);
    }
  }

  template <bool kIsLeft, class Own, class Other>
  void Add(RowKind kind, const JoinRow<Own>& row, Rows<Own>& own, Rows<Other>& others, Collector<Out>& out) {
    const int64_t partners = CountPartners<kIsLeft>(row.row, others, +1, out);
    const JoinCount* const same = own.Get(row);
    own.Put(row, JoinCount{(same != nullptr ? same->rows : 0) + 1, partners});
    if (partners == 0) {
      if constexpr (kIsOuter<kIsLeft>) EmitAlone<kIsLeft>(RowKind::kInsert, row.row, out);
      return;
    }
    constexpr bool kAnyOuter = kIsOuter<true> || kIsOuter<false>;
    EmitPairs<kIsLeft>(kAnyOuter ? RowKind::kInsert : kind, row.row, others, out);
  }

  template <bool kIsLeft, class Own, class Other>
  void Retract(RowKind kind, const JoinRow<Own>& row, Rows<Own>& own, Rows<Other>& others, Collector<Out>& out) {
    // A row that is not there has expired: what was emitted with it is taken back all the same.
    if (const JoinCount* const same = own.Get(row); same != nullptr) {
      if (same->rows > 1) {
        own.Put(row, JoinCount{same->rows - 1, same->partners});
      } else {
        own.Remove(row);
      }
    }
    if (!EmitPairs<kIsLeft>(kIsOuter<kIsLeft> ? RowKind::kDelete : kind, row.row, others, out)) {
      if constexpr (kIsOuter<kIsLeft>) EmitAlone<kIsLeft>(RowKind::kDelete, row.row, out);
      return;
    }
    CountPartners<kIsLeft>(row.row, others, -1, out);
  }

  // The number of rows of the other side that `row` matches. Of an outer side, each gets `by` more partners: with its first one its result without any is
  // taken back, with its last one gone it is emitted again.
  template <bool kIsLeft, class Own, class Other>
  int64_t CountPartners(const Own& row, Rows<Other>& others, int64_t by, Collector<Out>& out) {
    int64_t partners = 0;
    for (const auto& [other, count] : others) {
      if (!Matches<kIsLeft>(row, other.row)) continue;
      partners += count.rows;
      if constexpr (kIsOuter<!kIsLeft>) {
        const JoinCount before = count;
        for (int64_t i = 0; i < before.rows && by > 0 && before.partners == 0; ++i)
          EmitAlone<!kIsLeft>(RowKind::kDelete, other.row, out);
        for (int64_t i = 0; i < before.rows && by < 0 && before.partners == 1; ++i)
          EmitAlone<!kIsLeft>(RowKind::kInsert, other.row, out);
        others.Put(other, JoinCount{before.rows, before.partners + by});
      }
    }
    return partners;
  }
  // False: there was none.
  template <bool kIsLeft, class Own, class Other>
  bool EmitPairs(RowKind kind, const Own& row, Rows<Other>& others, Collector<Out>& out) {
    bool any = false;
    for (const auto& [other, count] : others) {
      if (!Matches<kIsLeft>(row, other.row)) continue;
      any = true;
      for (int64_t i = 0; i < count.rows; ++i) {
        if constexpr (kIsLeft) {
          Emit(kind, &row, &other.row, out);
        } else {
          Emit(kind, &other.row, &row, out);
        }
      }
    }
    return any;
  }

  template <bool kIsLeft, class Own, class Other>
  bool Matches(const Own& row, const Other& other) {
    if constexpr (kIsLeft) {
      return condition_(row, other);
    } else {
      return condition_(other, row);
    }
  }
  template <bool kIsLeft, class T>
  void EmitAlone(RowKind kind, const T& row, Collector<Out>& out) {
    if constexpr (kIsLeft) {
      Emit(kind, &row, nullptr, out);
    } else {
      Emit(kind, nullptr, &row, out);
    }
  }
  void Emit(RowKind kind, const L* left, const R* right, Collector<Out>& out) {
    if constexpr (Types::kChanges) {
      out.Collect({kind, internal::CallTableJoin<kType>(function_, left, right)});
    } else {
      out.Collect(internal::CallTableJoin<kType>(function_, left, right));
    }
  }

  F function_;
  Condition condition_;
  Rows<L> left_;
  Rows<R> right_;
};

}  // namespace weir
