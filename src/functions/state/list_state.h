// State of a list per key.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "weir/functions/state/list_contents.h"
#include "weir/functions/state/list_pieces.h"
#include "weir/functions/state/map_pieces.h"
#include "weir/functions/state/stateful_function.h"
#include "weir/functions/state/value_ops.h"

namespace weir {

// A list per key. With a time to live each element expires on its own.
//
//   events_.Add(event);
//   for (const Event& event : events_.Get()) ...
//
// The range that Get returns is valid until the list changes or the call for this key returns. A list of more than 4 KiB is kept in pieces: Get puts them together,
// while Add, size and empty cost the same for any size (but size with a time to live, which looks at all).
template <class V>
class ListState : public StateHandle {
  static_assert(internal::CheckStateValue<V>());
  static_assert(!std::is_same_v<V, bool>, "weir: a list of bool has no elements to point to: use uint8_t or an enum");
  using Contents = internal::ListContents<V>;
  using Head = internal::ListHead;

 public:
  ListState(StatefulFunction* function, std::string_view name, Ttl ttl = {})
      : StateHandle(function, name, StateKind::kList, &internal::OwnedValueOps<Contents, internal::ListCodec<V>>::kOps,
                    ttl) {}

  std::span<const V> Get() const {
    const Contents* const list = Fresh();
    if (list == nullptr) return {};
    if (list->head != nullptr) [[unlikely]]
      return Gather(*list->head);
    return list->values;
  }
  size_t size() const {
    const Contents* const list = Fresh();
    if (list == nullptr) return 0;
    if (list->head != nullptr) [[unlikely]]
      return CountIn(*list->head);
    return list->values.size();
  }
  bool empty() const {
    const Contents* const list = Fresh();
    if (list == nullptr || list->head == nullptr) return list == nullptr || list->values.empty();
    // The last one that was written is there.
    if (ttl_ms() > 0 && !ttl().updates_on_read && list->head->last_write > ExpiredAt()) return false;
    return CountIn(*list->head) == 0;
  }

  void Add(V value) {
    Contents& list = Mutable();
    if (list.head != nullptr) [[unlikely]]
      return AddToPieces(*list.head, std::move(value));
    list.counted.Add(BytesOf(value));
    list.values.push_back(std::move(value));
    StampNew(list);
    if (list.bytes() > internal::kMostListBytes) [[unlikely]]
      Divide(list);
  }
  void AddAll(std::span<const V> values) {
    if (values.empty()) return;
    Contents& list = Mutable();
    if (list.head != nullptr) return AddToPieces(*list.head, values);
    // What Get has given would move while it is copied.
    if (list.IsOwn(values.data())) return AddAll(std::vector<V>(values.begin(), values.end()));
    for (const V& value : values) list.counted.Add(BytesOf(value));
    list.values.insert(list.values.end(), values.begin(), values.end());
    StampNew(list);
    if (list.bytes() > internal::kMostListBytes) Divide(list);
  }
  // Replaces the list; an empty one clears the state.
  void Update(std::vector<V> values) {
    if (values.empty()) return Clear();
    Contents& list = Mutable();
    if (list.head != nullptr) DropPieces(list);
    list.Empty();
    list.values = std::move(values);
    for (const V& value : list.values) list.counted.Add(BytesOf(value));
    StampNew(list);
    if (list.bytes() > internal::kMostListBytes) Divide(list);
  }
  void Clear() { DiscardAll(); }

 private:
  Contents*& At() const { return *static_cast<Contents**>(slot()); }
  int64_t ExpiredAt() const { return now_ms() - ttl_ms(); }
  // The list without its expired elements, but for those in pieces; nullptr if nothing is left.
  const Contents* Fresh() const {
    if (!Present()) return nullptr;
    Contents* const list = At();
    if (ttl_ms() == 0 || list->times.empty()) return list;
    if (!ttl().returns_expired) list->Expire(ExpiredAt());
    if (ttl().updates_on_read) list->Renew(ExpiredAt(), now_ms());
    if (!list->values.empty()) return list;
    Discard();
    return nullptr;
  }
  // Elements of a snapshot without times, from before the state had a time to live, count as written at the first change.
  void StampNew(Contents& list) const { list.times.resize(ttl_ms() > 0 ? list.values.size() : 0, now_ms()); }
  Contents& Mutable() {
    if (!Present()) At() = new Contents();
    SetPresent();
    return *At();
  }
  void DiscardAll() const {
    if (!Occupied()) return RequireKey();
    if (At()->head != nullptr) DropPieces(*At());
    Discard();
  }
  // About what the element takes when it is written.
  uint64_t BytesOf(const V& value) const {
    if constexpr (internal::kIsOfFixedBytes<V>) {
      return sizeof(V);
    } else if constexpr (std::is_same_v<V, std::string>) {
      return sizeof(uint32_t) + value.size();
    } else {
      measured_.Clear();
      Serializer<V>::Write(value, measured_);
      return measured_.size();
    }
  }

  // Puts the elements of a list that has become too large into pieces, if the backend has them.
  void Divide(Contents& list) const;
  void DropPieces(Contents& list) const;
  void AddToPieces(Head& head, V&& value) const;
  void AddToPieces(Head& head, std::span<const V> values) const;
  // Of a list in pieces: before and after elements are added.
  Contents* BeginAdding(Head& head) const;
  void EndAdding(Head& head, size_t elements) const;
  // Adds to `piece`, the last one, or if that is full or null to a new one. Returns the last one.
  Contents* Append(Head& head, Contents* piece, V&& value, int64_t time) const;
  // The piece of that number, made if there is none.
  Contents& MakePiece(uint32_t number) const;
  Contents* BeginPiece(Head& head) const;
  // Takes away some of the first pieces, if all that they have has expired.
  void DropExpiredPieces(Head& head) const;

  // Calls visit(piece) for all that are there.
  template <class Visit>
  void ForEachPiece(const Head& head, PieceUse use, Visit&& visit) const {
    void* pieces[internal::kPiecesAtATime];
    for (uint32_t at = 0; at < head.pieces; at += internal::kPiecesAtATime) {
      const uint32_t count = std::min(internal::kPiecesAtATime, head.pieces - at);
      FindPieces(head.first + at, count, use, pieces);
      for (uint32_t i = 0; i < count; ++i) {
        if (pieces[i] != nullptr) visit(*static_cast<Contents*>(pieces[i]));
      }
    }
  }
  // Whether elements with times may have to be left out.
  bool HidesExpired() const { return ttl_ms() > 0 && !ttl().returns_expired; }
  // A walk over all elements for a reader: renews them if that was asked for.
  template <class Visit>
  void Read(Head& head, Visit&& visit) const;
  // Not inlined: small lists must not pay for it.
  [[gnu::noinline]] std::span<const V> Gather(Head& head) const;
  [[gnu::noinline]] size_t CountIn(Head& head) const;
  // The elements that were put together are not needed any more.
  void ForgetGathered(Head& head) const;

  // The elements of a list in pieces, together: of the one whose head has this number in `gathered`, as they were at that time.
  mutable std::vector<V> all_;
  mutable uint64_t gathered_ = 0;
  mutable int64_t gathered_ms_ = 0;
  mutable uint32_t gathered_pieces_ = 0;
  mutable uint64_t last_gathered_ = 0;  // the greatest number that was given to any
  mutable ByteWriter measured_;
};

template <class V>
void ListState<V>::Divide(Contents& list) const {
  if (HidesExpired()) list.Expire(ExpiredAt());
  char* row = nullptr;
  if (list.bytes() <= internal::kMostListBytes || !PreparePieces(0, 1, PieceUse::kLook, &row)) return;
  std::vector<V> values = std::exchange(list.values, {});
  const std::vector<int64_t> times = std::exchange(list.times, {});
  list.Empty();
  list.head = std::make_unique<Head>();
  list.head->last_write = std::numeric_limits<int64_t>::min();
  Contents* piece = nullptr;
  for (size_t i = 0; i < values.size(); ++i) {
    const int64_t time = times.empty() ? Head::kNever : times[i];
    piece = Append(*list.head, piece, std::move(values[i]), time);
    list.head->NoteWrite(time);
  }
  list.head->elements = ttl_ms() > 0 ? Head::kUnknown : values.size();
}

template <class V>
void ListState<V>::DropPieces(Contents& list) const {
  ForgetGathered(*list.head);
  DiscardPieces(list.head->first, list.head->pieces);
  list.head.reset();
}

template <class V>
void ListState<V>::AddToPieces(Head& head, V&& value) const {
  Append(head, BeginAdding(head), std::move(value), now_ms());
  EndAdding(head, 1);
}

template <class V>
void ListState<V>::AddToPieces(Head& head, std::span<const V> values) const {
  Contents* piece = BeginAdding(head);
  for (const V& value : values) piece = Append(head, piece, V(value), now_ms());
  EndAdding(head, values.size());
}

template <class V>
typename ListState<V>::Contents* ListState<V>::BeginAdding(Head& head) const {
  if (ttl_ms() > 0 && head.last_write == Head::kNever) {
    ForEachPiece(head, PieceUse::kChange, [this](Contents& piece) { StampNew(piece); });
    head.last_write = now_ms();
  }
  Contents& last = MakePiece(head.end() - 1);
  StampNew(last);
  return &last;
}

template <class V>
void ListState<V>::EndAdding(Head& head, size_t elements) const {
  head.NoteWrite(ttl_ms() > 0 ? now_ms() : Head::kNever);
  if (ttl_ms() > 0) head.elements = Head::kUnknown;
  if (head.elements != Head::kUnknown) head.elements += elements;
  // Not before: some of these may have been added again.
  ForgetGathered(head);
}

template <class V>
typename ListState<V>::Contents* ListState<V>::Append(Head& head, Contents* piece, V&& value, int64_t time) const {
  const uint64_t bytes = BytesOf(value);
  if (piece == nullptr || (!piece->values.empty() && piece->bytes() + bytes > internal::kListPieceBytes))
    piece = BeginPiece(head);
  piece->values.push_back(std::move(value));
  piece->counted.Add(bytes);
  if (ttl_ms() > 0) piece->times.push_back(time);
  return piece;
}

template <class V>
typename ListState<V>::Contents& ListState<V>::MakePiece(uint32_t number) const {
  char* row = nullptr;
  PreparePieces(number, 1, PieceUse::kChange, &row);
  if (void* const at = ValueIn(row); at != nullptr) return **static_cast<Contents**>(at);
  Contents* const piece = new Contents();
  *static_cast<Contents**>(SetValueIn(row)) = piece;
  return *piece;
}

template <class V>
typename ListState<V>::Contents* ListState<V>::BeginPiece(Head& head) const {
  if (ttl_ms() > 0) DropExpiredPieces(head);
  Contents& piece = MakePiece(head.end());
  // There may be one of a list whose time to live was over.
  piece.Empty();
  if constexpr (internal::kIsOfFixedBytes<V>) piece.values.reserve(internal::kListPieceBytes / sizeof(V));
  ++head.pieces;
  return &piece;
}

template <class V>
void ListState<V>::DropExpiredPieces(Head& head) const {
  // One more than comes: those of a list that is added to for ever do not become more.
  for (int left = 2; left > 0 && head.pieces > 0; --left) {
    void* first = nullptr;
    FindPieces(head.first, 1, PieceUse::kLook, &first);
    if (first != nullptr && !static_cast<Contents*>(first)->HasExpired(ExpiredAt())) return;
    if (first != nullptr) DiscardPieces(head.first, 1);
    ++head.first;
    --head.pieces;
  }
}

template <class V>
template <class Visit>
void ListState<V>::Read(Head& head, Visit&& visit) const {
  const bool renews = ttl_ms() > 0 && ttl().updates_on_read;
  ForEachPiece(head, renews ? PieceUse::kChange : PieceUse::kLook, [&](Contents& piece) {
    if (renews) piece.Renew(ExpiredAt(), now_ms());
    visit(std::as_const(piece));
  });
  if (renews && head.last_write > ExpiredAt()) head.NoteWrite(now_ms());
}

template <class V>
std::span<const V> ListState<V>::Gather(Head& head) const {
  if (head.gathered != 0 && head.gathered == gathered_ && (ttl_ms() == 0 || gathered_ms_ == now_ms())) return all_;
  ForgetGathered(head);
  gathered_ = 0;
  all_.clear();
  // Some more: the next time there may be.
  if (head.elements != Head::kUnknown && head.elements > all_.capacity())
    all_.reserve(head.elements + head.elements / 4);
  Read(head, [this](const Contents& piece) {
    if (!HidesExpired() || piece.times.empty()) {
      all_.insert(all_.end(), piece.values.begin(), piece.values.end());
      return;
    }
    for (size_t i = 0; i < piece.values.size(); ++i) {
      if (piece.times[i] > ExpiredAt()) all_.push_back(piece.values[i]);
    }
  });
  if (all_.empty()) {
    DiscardAll();
    return {};
  }
  head.gathered = gathered_ = ++last_gathered_;
  gathered_ms_ = now_ms();
  gathered_pieces_ = head.pieces;
  return all_;
}

template <class V>
size_t ListState<V>::CountIn(Head& head) const {
  if (ttl_ms() == 0 && head.elements != Head::kUnknown) return head.elements;
  size_t count = 0;
  Read(head, [&](const Contents& piece) {
    if (!HidesExpired() || piece.times.empty()) {
      count += piece.values.size();
    } else {
      count += static_cast<size_t>(
          std::count_if(piece.times.begin(), piece.times.end(), [this](int64_t time) { return time > ExpiredAt(); }));
    }
  });
  if (ttl_ms() == 0) head.elements = count;
  if (count == 0) DiscardAll();
  return count;
}

template <class V>
void ListState<V>::ForgetGathered(Head& head) const {
  head.gathered = 0;
  if (gathered_pieces_ <= internal::kMostGatheredPieces) return;
  all_ = {};
  gathered_ = 0;
  gathered_pieces_ = 0;
}

}  // namespace weir
