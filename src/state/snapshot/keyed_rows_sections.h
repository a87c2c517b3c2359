// Constants in the bytes of keyed rows (docs/formats/keyed_rows.md), for the writer and the two readers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weir::keyed_rows {

inline constexpr std::string_view kMagic = "WEIRKROW";

// A section begins with its mark, how many rows it has, and how many bytes. The mark is the key group, which is below 32768,
inline constexpr size_t kSectionHead = 16;
// with this: its records are keys that were erased;
inline constexpr uint32_t kErased = 0x80000000;
// or with this: it is a page;
inline constexpr uint32_t kPage = 0x40000000;
// or, in place of a key group: the rows end here.
inline constexpr uint32_t kEnd = 0xffffffff;

// Of a page, behind the section's head: the hashes of its keys. A checksum and the page follow.
inline constexpr size_t kPagePlace = 16;

}  // namespace weir::keyed_rows
