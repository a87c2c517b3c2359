#include "weir/state/snapshot/keyed_rows_scan.h"

#include <optional>
#include <unordered_set>
#include <utility>

#include "weir/base/coding.h"
#include "weir/base/hash.h"
#include "weir/state/snapshot/keyed_rows_format.h"
#include "weir/state/snapshot/keyed_rows_sections.h"

namespace weir {

namespace {

using keyed_rows::kEnd;
using keyed_rows::kErased;
using keyed_rows::kMagic;
using keyed_rows::kPage;
using keyed_rows::kPagePlace;
using keyed_rows::kSectionHead;

Status Damaged(std::string what) { return DataLossError("keyed rows: " + std::move(what) + "; the bytes are damaged"); }

bool HasPages(uint32_t version) {
  return version == static_cast<uint32_t>(KeyedRowsVersion::kPages) ||
         version == static_cast<uint32_t>(KeyedRowsVersion::kPagesWithoutFlags);
}

StatusOr<std::vector<ScannedState>> ReadStates(ByteReader& header) {
  std::vector<ScannedState> states;
  uint32_t left = header.GetU32();
  if (left > kMaxStatesPerRow) header.Reject();
  for (; left > 0 && header.ok(); --left) {
    ScannedState state;
    state.name = header.GetString();
    const uint8_t kind = header.GetU8();
    if (kind > static_cast<uint8_t>(StateKind::kAggregating)) header.Reject();
    state.kind = static_cast<StateKind>(kind);
    state.timed = header.GetBool();
    const std::string_view schema = header.GetString();
    if (!header.ok()) break;
    WEIR_ASSIGN_OR_RETURN(state.schema, Schema::Decode(schema));
    states.push_back(std::move(state));
  }
  WEIR_RETURN_IF_ERROR(header.Finish());
  return states;
}

// Where in a page the rows stand, which follows the header of a file with pages.
StatusOr<PageImageHeader> ReadPageHeader(ByteReader& in, uint32_t version, const ScannedHeader& scanned) {
  const std::string_view bytes = in.GetString();
  const uint64_t checksum = in.GetU64();
  WEIR_RETURN_IF_ERROR(in.status());
  if (HashBytes(bytes) != checksum) return Damaged("the checksum of the header of pages is wrong");
  WEIR_ASSIGN_OR_RETURN(PageImageHeader pages,
                        ReadPageImageHeader(bytes, version == static_cast<uint32_t>(KeyedRowsVersion::kPages)));
  if (scanned.key_form != KeyForm::kInteger || pages.shape.states.size() != scanned.states.size())
    return Damaged("they cannot be in pages");
  return pages;
}

StatusOr<ScannedHeader> ReadHeader(ByteReader& in, std::optional<PageImageHeader>& pages) {
  const std::string_view magic = in.GetBytes(kMagic.size());
  const uint32_t version = in.GetU32();
  const std::string_view bytes = in.GetString();
  const uint64_t checksum = in.GetU64();
  WEIR_RETURN_IF_ERROR(in.status());
  if (magic != kMagic || version == 0 || version > static_cast<uint32_t>(KeyedRowsVersion::kPiecesOfLists))
    return Damaged("they do not begin as keyed rows of version 1 to 6 do");
  if (HashBytes(bytes) != checksum) return Damaged("the header's checksum is wrong");
  ByteReader header(bytes, "header of keyed rows");
  ScannedHeader scanned;
  scanned.key_form = static_cast<KeyForm>(header.GetU8());
  scanned.max_parallelism = header.GetU32();
  WEIR_ASSIGN_OR_RETURN(scanned.states, ReadStates(header));
  if (HasPages(version)) {
    WEIR_ASSIGN_OR_RETURN(pages, ReadPageHeader(in, version, scanned));
  }
  return scanned;
}

// Reads one record of a section.
Status ReadRow(const ScannedHeader& header, bool is_erased, std::string_view records, ByteReader& in, ScannedRow& row) {
  const size_t begin = in.offset();
  row.values.clear();
  if (header.key_form == KeyForm::kInteger) {
    row.key.integer = in.GetI64();
  } else {
    row.key.bytes = in.GetString();
  }
  row.key_bytes = records.substr(begin, in.offset() - begin);
  const uint32_t present = is_erased ? 0 : in.GetU32();
  for (uint32_t state = 0; state < header.states.size() && in.ok(); ++state) {
    if ((present >> state & 1) == 0) continue;
    ByteReader value(in.GetString(), header.states[state].name);
    ScannedRow::Value scanned{.state = state};
    if (header.states[state].timed) scanned.time_ms = value.GetI64();
    scanned.bytes = value.GetBytes(value.remaining());
    WEIR_RETURN_IF_ERROR(value.status());
    row.values.push_back(scanned);
  }
  WEIR_RETURN_IF_ERROR(in.status());
  row.record = records.substr(begin, in.offset() - begin);
  return OkStatus();
}

// A section of the file: records of one key group, the keys that were erased in it, or a page of it.
struct Section {
  bool is_end = false;
  bool is_page = false;
  bool is_erased = false;
  uint32_t key_group = 0;
  uint32_t rows = 0;
  std::string_view records;  // of a page: where it belongs
  std::string_view page;
};

StatusOr<Section> ReadSection(std::string_view bytes, bool may_be_page, ByteReader& in) {
  Section section;
  const size_t begin = in.offset();
  const uint32_t mark = in.GetU32();
  section.rows = in.GetU32();
  const uint64_t length = in.GetU64();
  section.is_end = mark == kEnd;
  section.is_page = !section.is_end && may_be_page && (mark & kPage) != 0;
  section.is_erased = !section.is_page && (mark & kErased) != 0;
  section.key_group = mark & ~(section.is_page ? kPage : kErased);
  // The checksum of a page is over what says whose it is; the file has one over its bytes.
  section.records = in.GetBytes(section.is_end ? 0 : section.is_page ? kPagePlace : length);
  const uint64_t checksum = in.GetU64();
  section.page = in.GetBytes(section.is_page ? length : 0);
  WEIR_RETURN_IF_ERROR(in.status());
  if (HashBytes(bytes.substr(begin, kSectionHead + section.records.size())) != checksum)
    return Damaged("the section at offset " + std::to_string(begin) + " has a wrong checksum");
  return section;
}

Status ReadRows(const ScannedHeader& header, const Section& section, ScannedRow& row, RowScanner& scanner) {
  ByteReader in(section.records, "records of keyed rows");
  for (uint32_t i = 0; i < section.rows; ++i) {
    WEIR_RETURN_IF_ERROR(ReadRow(header, section.is_erased, section.records, in, row));
    WEIR_RETURN_IF_ERROR(section.is_erased ? scanner.OnErased(row) : scanner.OnRow(row));
  }
  return in.Finish();
}

}  // namespace

Status ScanKeyedRows(std::string_view bytes, uint32_t first_key_group, uint32_t last_key_group, RowScanner& scanner) {
  ByteReader in(bytes, "keyed rows");
  std::optional<PageImageHeader> pages;
  WEIR_ASSIGN_OR_RETURN(const ScannedHeader header, ReadHeader(in, pages));
  WEIR_RETURN_IF_ERROR(scanner.OnHeader(header));
  ScannedRow row;
  ByteWriter of_page;
  for (;;) {
    WEIR_ASSIGN_OR_RETURN(Section section, ReadSection(bytes, pages.has_value(), in));
    if (section.is_end) return KeyGroupIndex::Parse(in.GetBytes(in.remaining())).status();
    if (section.key_group < first_key_group || section.key_group > last_key_group) continue;
    row.key_group = section.key_group;
    if (section.is_page) {
      if (section.page.size() != pages->shape.page_bytes) return Damaged("a page has another length");
      of_page.Clear();
      section.rows = AppendRecordsOfPage(pages->shape, section.page, of_page);
      section.records = of_page.bytes();
    }
    WEIR_RETURN_IF_ERROR(ReadRows(header, section, row, scanner));
  }
}

namespace {

// Passes on what no later element of a chain has replaced or erased.
class NewestRows final : public RowScanner {
 public:
  explicit NewestRows(RowScanner& scanner) : scanner_(scanner) {}

  Status OnHeader(const ScannedHeader& header) override {
    if (std::exchange(has_header_, true)) return OkStatus();
    return scanner_.OnHeader(header);
  }
  // Erased keys stand before the rows, and a key that came back is in both.
  Status OnErased(const ScannedRow& row) override {
    erased_.emplace_back(row.key_bytes);
    return OkStatus();
  }
  Status OnRow(const ScannedRow& row) override {
    return seen_.emplace(row.key_bytes).second ? scanner_.OnRow(row) : OkStatus();
  }
  void EndElement() {
    for (std::string& key : erased_) seen_.insert(std::move(key));
    erased_.clear();
  }

 private:
  RowScanner& scanner_;
  bool has_header_ = false;
  std::unordered_set<std::string> seen_;  // keys of later elements
  std::vector<std::string> erased_;       // of this one
};

}  // namespace

Status ScanKeyedRowsChain(const std::vector<std::string>& chain, uint32_t first_key_group, uint32_t last_key_group,
                          RowScanner& scanner) {
  if (chain.size() == 1) return ScanKeyedRows(chain.front(), first_key_group, last_key_group, scanner);
  NewestRows newest(scanner);
  for (auto rows = chain.rbegin(); rows != chain.rend(); ++rows) {
    WEIR_RETURN_IF_ERROR(ScanKeyedRows(*rows, first_key_group, last_key_group, newest));
    newest.EndElement();
  }
  return OkStatus();
}

}  // namespace weir
