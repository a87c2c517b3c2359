// What a table does with pages that are lent (page_loan.h).
#include <cstring>

#include "weir/base/check.h"
#include "weir/state/heap/heap_table.h"

namespace weir {

template <class Keys>
void HeapTable<Keys>::FreeOrLeave(HeapPage* page) {
  page->gone = true;
  if (page->lent == 0) arena_.Free(page);
}

template <class Keys>
void HeapTable<Keys>::GiveBack(HeapPage* page) {
  if (--page->lent == 0 && page->gone) arena_.Free(page);
}

template <class Keys>
char* HeapTable<Keys>::OwnedRow(char* row) {
  HeapPage* const page = PageOf(row);
  if (page->lent == 0) return row;
  if (!page->gone) {
    HeapPage* const copy = static_cast<HeapPage*>(arena_.Allocate());
    std::memcpy(static_cast<void*>(copy), page, PageArena::kPageBytes);
    copy->lent = 0;
    page->copy = copy;
    page->gone = true;
    copied_.push_back(page);
    FillDirectory(copy);
  }
  WEIR_DCHECK(page->copy != nullptr) << "a row of a page that was split is touched";
  return InCopy(row);
}

template <class Keys>
void HeapTable<Keys>::GoToCopies(uint32_t count, char** rows) {
  for (const HeapPage* page : copied_) {
    for (uint32_t i = 0; i < count; ++i) {
      if (PageOf(rows[i]) == page) rows[i] = InCopy(rows[i]);
    }
  }
  copied_.clear();
}

#define WEIR_INSTANTIATE(Keys)                           \
  template void HeapTable<Keys>::FreeOrLeave(HeapPage*); \
  template void HeapTable<Keys>::GiveBack(HeapPage*);    \
  template char* HeapTable<Keys>::OwnedRow(char*);       \
  template void HeapTable<Keys>::GoToCopies(uint32_t, char**)
WEIR_INSTANTIATE(IntegerKeys);
WEIR_INSTANTIATE(MarkedIntegerKeys);
WEIR_INSTANTIATE(ByteKeys);
WEIR_INSTANTIATE(PieceKeys);
#undef WEIR_INSTANTIATE

}  // namespace weir
