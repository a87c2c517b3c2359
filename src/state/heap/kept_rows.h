// Records of rows that were put aside before they changed, in pieces of memory that later snapshots use again: while everything changes, that is as much as the
// table, and memory that the machine gives for the first time costs more than the records.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace weir {

// Pieces that are free. Threads: the task's.
class KeptRowsPool {
 public:
  static constexpr size_t kPieceBytes = 16 << 10;

  std::unique_ptr<char[]> Take() {
    if (free_.empty()) return std::unique_ptr<char[]>(new char[kPieceBytes]);
    std::unique_ptr<char[]> piece = std::move(free_.back());
    free_.pop_back();
    return piece;
  }
  void Give(std::unique_ptr<char[]> piece) { free_.push_back(std::move(piece)); }

 private:
  std::vector<std::unique_ptr<char[]>> free_;
};

// Of one key group.
class KeptRows {
 public:
  // Room for one more record, valid until the next call.
  char* Extend(KeptRowsPool& pool, size_t bytes) {
    if (pieces_.empty() || bytes > pieces_.back().capacity - pieces_.back().size) [[unlikely]]
      AddPiece(pool, bytes);
    Piece& piece = pieces_.back();
    char* const at = piece.memory.get() + piece.size;
    piece.size += bytes;
    ++piece.records;
    return at;
  }
  bool empty() const { return pieces_.empty(); }
  // Calls f(records, their bytes) for each piece, in the order in which they came.
  template <class F>
  void ForEach(F&& f) const {
    for (const Piece& piece : pieces_) f(piece.records, std::string_view(piece.memory.get(), piece.size));
  }
  // The same, and lets go of them.
  template <class F>
  void Drain(KeptRowsPool& pool, F&& f) {
    for (Piece& piece : pieces_) {
      f(piece.records, std::string_view(piece.memory.get(), piece.size));
      if (piece.capacity == KeptRowsPool::kPieceBytes) pool.Give(std::move(piece.memory));
    }
    pieces_.clear();
  }

 private:
  struct Piece {
    std::unique_ptr<char[]> memory;
    size_t size;
    size_t capacity;
    uint32_t records = 0;
  };

  void AddPiece(KeptRowsPool& pool, size_t bytes) {
    if (bytes <= KeptRowsPool::kPieceBytes) {
      pieces_.push_back({pool.Take(), 0, KeptRowsPool::kPieceBytes});
    } else {
      pieces_.push_back({std::unique_ptr<char[]>(new char[bytes]), 0, bytes});
    }
  }

  std::vector<Piece> pieces_;
};

}  // namespace weir
