#include "weir/state/snapshot/page_rows.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "weir/base/coding.h"
#include "weir/base/hash.h"
#include "weir/types/key_group.h"

namespace weir {

namespace {

// Most fields are numbers of eight bytes, and a copy of known length is no call.
void Copy(char* to, const char* from, uint32_t bytes) {
  if (bytes == sizeof(uint64_t)) {
    std::memcpy(to, from, sizeof(uint64_t));
  } else {
    std::memcpy(to, from, bytes);
  }
}

bool FitsInto(const FixedConversion& conversion, const ValueOps& now, uint32_t stored_bytes) {
  return conversion.filled.size() == now.size &&
         std::ranges::all_of(conversion.copies, [&](const FixedConversion::Copy& copy) {
           return uint64_t{copy.from} + copy.bytes <= stored_bytes && uint64_t{copy.to} + copy.bytes <= now.size;
         });
}

}  // namespace

std::optional<PageRows> PageRows::Of(const KeyedRowsShape& shape, const PageImageShape& pages,
                                     std::vector<Target> targets) {
  for (size_t i = 0; i < shape.states.size(); ++i) {
    if (!BytesAreMemory(*shape.states[i].ops) || shape.layout.slots[i].time_offset != 0) return std::nullopt;
  }
  for (size_t i = 0; i < targets.size(); ++i) {
    if (targets[i].state < 0) continue;
    const ValueOps& now = *shape.states[static_cast<size_t>(targets[i].state)].ops;
    if (!FitsInto(targets[i].conversion, now, pages.states[i].bytes)) return std::nullopt;
  }
  return PageRows(shape, pages, std::move(targets));
}

void PageRows::FindSlots(std::string_view page) {
  keys_.clear();
  slots_.clear();
  ForEachSlotOfPage(pages_, page, [&](const char* slot) {
    keys_.push_back(LoadLittleEndian<int64_t>(slot));
    slots_.push_back(slot);
  });
}

Status PageRows::Read(std::string_view page, uint32_t key_group, KeyedRowsSink& sink) {
  FindSlots(page);
  hashes_.resize(keys_.size());
  rows_.resize(keys_.size());
  HashInts(keys_, hashes_);
  for (const uint64_t hash : hashes_) {
    if (static_cast<uint32_t>(KeyGroupForHash(hash, shape_->max_parallelism)) == key_group) continue;
    return DataLossError("keyed rows: a page of key group " + std::to_string(key_group) +
                         " holds a key of another one; the bytes are damaged");
  }
  sink.PrepareRows({.integers = keys_.data()}, hashes_.data(), static_cast<uint32_t>(keys_.size()), rows_.data());
  for (size_t i = 0; i < rows_.size(); ++i) CopyRow(slots_[i], rows_[i]);
  return OkStatus();
}

void PageRows::CopyRow(const char* slot, char* row) const {
  if (shape_->layout.PresentIn(row) != 0) shape_->layout.SetAbsent(row, kPresentFlags);
  const uint64_t present = PresentInSlot(pages_, slot);
  for (size_t i = 0; i < targets_.size(); ++i) {
    if ((present >> i & 1) == 0 || targets_[i].state < 0) continue;
    const RowLayout::Slot& place = shape_->layout.slots[static_cast<size_t>(targets_[i].state)];
    const FixedConversion& conversion = targets_[i].conversion;
    char* const to = row + place.offset;
    std::memcpy(to, conversion.filled.data(), conversion.filled.size());
    for (const FixedConversion::Copy& copy : conversion.copies)
      Copy(to + copy.to, slot + pages_.states[i].offset + copy.from, copy.bytes);
    shape_->layout.SetPresent(row, place);
  }
}

}  // namespace weir
