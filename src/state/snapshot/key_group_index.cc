#include "weir/state/snapshot/key_group_index.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "weir/base/hash.h"

namespace weir {

namespace {

constexpr std::string_view kMagic = "WEIRKIDX";
constexpr size_t kEntryBytes = sizeof(uint32_t) + sizeof(uint64_t);
constexpr size_t kTailBytes =
    sizeof(uint32_t) + sizeof(uint64_t) + kMagic.size();  // number of entries, checksum, magic
constexpr size_t kRowsEndBytes = 24;
// Reading less than that is not worth an entry.
constexpr uint64_t kLeastBetween = 256 << 10;

Status Damaged(const std::string& what) {
  return DataLossError("keyed rows: the index of key groups " + what + "; the bytes are damaged");
}

}  // namespace

void KeyGroupIndex::Note(uint32_t key_group, uint64_t offset) {
  if (entries_.empty() || (key_group > entries_.back().key_group && offset - entries_.back().offset >= kLeastBetween))
    entries_.push_back({key_group, offset});
}

void KeyGroupIndex::Write(ByteWriter& out) const {
  if (entries_.size() < 2) return;
  const size_t begin = out.size();
  for (const Entry& entry : entries_) {
    out.PutU32(entry.key_group);
    out.PutU64(entry.offset);
  }
  out.PutU32(static_cast<uint32_t>(entries_.size()));
  out.PutU64(HashBytes(out.bytes().substr(begin)));
  out.PutBytes(kMagic);
}

StatusOr<KeyGroupIndex> KeyGroupIndex::Parse(std::string_view bytes) {
  KeyGroupIndex index;
  if (bytes.empty()) return index;
  if (bytes.size() < kTailBytes || !bytes.ends_with(kMagic)) return Damaged("is something else");
  const size_t count_at = bytes.size() - kTailBytes;
  const std::string_view content = bytes.substr(0, count_at + sizeof(uint32_t));
  if (HashBytes(content) != LoadLittleEndian<uint64_t>(bytes.data() + content.size()))
    return Damaged("has a wrong checksum");
  if (LoadLittleEndian<uint32_t>(bytes.data() + count_at) * uint64_t{kEntryBytes} != count_at)
    return Damaged("has another length");
  for (size_t at = 0; at < count_at; at += kEntryBytes)
    index.entries_.push_back(
        {LoadLittleEndian<uint32_t>(&bytes[at]), LoadLittleEndian<uint64_t>(&bytes[at + sizeof(uint32_t)])});
  for (size_t i = 1; i < index.entries_.size(); ++i) {
    const Entry &entry = index.entries_[i], &before = index.entries_[i - 1];
    if (entry.key_group <= before.key_group || entry.offset <= before.offset) return Damaged("does not ascend");
  }
  return index;
}

StatusOr<std::optional<KeyGroupIndex>> KeyGroupIndex::Read(KeyedRowsSource& in) {
  const uint64_t begin = in.offset();
  // Smaller ones have none, and a file in another place may take long to answer.
  if (!in.is_file() || in.remaining() < kLeastBetween) return std::optional<KeyGroupIndex>();
  const uint64_t end = begin + in.remaining();
  in.Seek(end - kTailBytes);
  WEIR_ASSIGN_OR_RETURN(const std::string_view tail, in.Take(kTailBytes));
  const bool has_index = tail.ends_with(kMagic);
  const uint64_t bytes = LoadLittleEndian<uint32_t>(tail.data()) * uint64_t{kEntryBytes} + kTailBytes;
  in.Seek(begin);
  if (!has_index) return std::optional<KeyGroupIndex>();
  if (bytes + kRowsEndBytes > in.remaining()) return Damaged("is longer than the file");
  in.Seek(end - bytes);
  WEIR_ASSIGN_OR_RETURN(const std::string_view written, in.Take(bytes));
  WEIR_ASSIGN_OR_RETURN(KeyGroupIndex index, Parse(written));
  index.end_ = end - bytes - kRowsEndBytes;
  if (!index.entries_.empty() && index.entries_.back().offset >= index.end_)
    return Damaged("names a place behind the rows");
  in.Seek(begin);
  return std::optional<KeyGroupIndex>(std::move(index));
}

uint64_t KeyGroupIndex::Next(uint64_t offset, const KeyGroupRange& key_groups) const {
  // What comes before the first row are erased keys.
  if (entries_.empty() || offset < entries_.front().offset || offset >= end_) return offset;
  const auto by_key_group = [](int key_group, const Entry& entry) {
    return key_group < static_cast<int>(entry.key_group);
  };
  const auto behind = std::upper_bound(entries_.begin(), entries_.end(), key_groups.last, by_key_group);
  if (behind != entries_.end() && offset >= behind->offset) return end_;
  const auto above = std::upper_bound(entries_.begin(), entries_.end(), key_groups.first, by_key_group);
  return above == entries_.begin() ? offset : std::max(offset, std::prev(above)->offset);
}

}  // namespace weir
