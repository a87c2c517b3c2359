#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/hash.h"
#include "weir/functions/state/map_pieces.h"
#include "weir/state/snapshot/key_group_index.h"
#include "weir/state/snapshot/keyed_rows_format.h"
#include "weir/state/snapshot/keyed_rows_sections.h"
#include "weir/state/snapshot/keyed_rows_source.h"
#include "weir/state/snapshot/page_rows.h"
#include "weir/state/snapshot/state_converter.h"
#include "weir/types/schema/schema.h"
#include "weir/types/schema/schema_upgrade.h"

namespace weir {

namespace {

using keyed_rows::kEnd;
using keyed_rows::kErased;
using keyed_rows::kMagic;
using keyed_rows::kPage;
using keyed_rows::kPagePlace;
using keyed_rows::kSectionHead;

constexpr uint32_t kNewestVersion = static_cast<uint32_t>(KeyedRowsVersion::kPiecesOfLists);
constexpr uint32_t kRowsAtATime = 256;

std::string Name(StateKind kind) {
  static constexpr const char* kNames[] = {"value", "list", "map", "reducing", "aggregating"};
  return static_cast<size_t>(kind) < std::size(kNames) ? kNames[static_cast<size_t>(kind)] : "unknown";
}

// One state as the bytes describe it, and where it goes.
struct StoredState {
  std::string name;
  bool timed = false;
  int target = -1;                               // number among the declared states; -1: not declared any more
  std::optional<StateConverter> converter = {};  // when its type has changed
};

class RowsReader {
 public:
  RowsReader(const KeyedRowsShape& shape, KeyedRowsSource& in, KeyedRowsSink& sink)
      : shape_(shape), in_(in), sink_(sink) {}

  Status Read();

 private:
  // A string with its checksum behind it.
  StatusOr<std::string> TakeChecked(const char* what);
  Status ReadHeader();
  Status ReadPageHeader(KeyedRowsVersion version);
  // How rows come out of pages that are not taken, if their values are only copied.
  std::optional<PageRows> FixedRows() const;
  Status ReadState(ByteReader& header);
  Status MatchState(StoredState& stored, StateKind kind, std::string_view schema) const;
  // Rows of own key groups in what follows, which may be damaged.
  uint64_t CountRows();
  bool IsOwn(uint32_t key_group) const {
    return static_cast<uint32_t>(shape_.key_groups.first) <= key_group &&
           key_group <= static_cast<uint32_t>(shape_.key_groups.last);
  }
  // Goes on to the next section, or the end, that may matter.
  void SkipForeignSections();
  // One section or the end.
  Status ReadSection(bool& done);
  Status WrongChecksum(uint32_t key_group) const;
  Status ReadPage(uint32_t key_group, uint32_t rows, uint64_t bytes, std::string_view head);
  // `mark`: key group, and whether the records are erased keys.
  Status ReadRecords(uint32_t mark, uint32_t rows, std::string_view bytes);
  // Reads the keys of up to kRowsAtATime records and notes where their states begin.
  Status ReadKeys(uint32_t mark, uint32_t count, std::string_view bytes, ByteReader& in);
  void ClearRow(char* row) const;
  Status DecodeStates(std::string_view states, uint32_t present, char* row);
  Status DecodeState(StoredState& state, ByteReader& in, char* row);

  uint32_t GroupOf(uint64_t hash) const { return static_cast<uint32_t>(KeyGroupForHash(hash, shape_.max_parallelism)); }

  const KeyedRowsShape& shape_;
  KeyedRowsSource& in_;
  KeyedRowsSink& sink_;
  std::vector<StoredState> states_;
  bool may_erase_ = false;                // the version has erased keys
  std::optional<PageImageHeader> pages_;  // the version has pages
  bool takes_pages_ = false;              // as they are
  std::optional<PageRows> page_rows_;     // of pages that are not
  uint64_t rows_ = 0;
  std::optional<KeyGroupIndex> index_;
  bool leaves_out_ = false;  // sections, unseen
  // Of the records at hand.
  std::vector<int64_t> integers_;
  std::vector<std::string_view> strings_;
  std::vector<uint64_t> hashes_;
  std::vector<uint32_t> present_;
  std::vector<std::string_view> values_;
};

Status RowsReader::Read() {
  WEIR_ASSIGN_OR_RETURN(const std::string_view magic, in_.Take(kMagic.size()));
  if (magic != kMagic)
    return DataLossError("keyed rows: the bytes do not begin with \"WEIRKROW\"; they are damaged or something else");
  WEIR_ASSIGN_OR_RETURN(const std::string_view number, in_.Take(sizeof(uint32_t)));
  const uint32_t version = LoadLittleEndian<uint32_t>(number.data());
  if (version == 0 || version > kNewestVersion) {
    return FailedPreconditionError("keyed rows: format version " + std::to_string(version) +
                                   "; this build reads versions up to " + std::to_string(kNewestVersion) +
                                   ". Use the version of Weir that wrote them, or a newer one");
  }
  const bool has_pages = version == static_cast<uint32_t>(KeyedRowsVersion::kPages) ||
                         version == static_cast<uint32_t>(KeyedRowsVersion::kPagesWithoutFlags);
  may_erase_ = version != static_cast<uint32_t>(KeyedRowsVersion::kAll) && !has_pages;
  WEIR_RETURN_IF_ERROR(ReadHeader());
  if (has_pages) WEIR_RETURN_IF_ERROR(ReadPageHeader(static_cast<KeyedRowsVersion>(version)));
  WEIR_ASSIGN_OR_RETURN(index_, KeyGroupIndex::Read(in_));
  if (!has_pages) sink_.Reserve(CountRows());
  for (bool done = false; !done;) {
    SkipForeignSections();
    WEIR_RETURN_IF_ERROR(ReadSection(done));
  }
  if (!in_.is_file() || index_.has_value() || in_.remaining() == 0) return OkStatus();
  WEIR_ASSIGN_OR_RETURN(const std::string_view rest, in_.Take(in_.remaining()));
  return KeyGroupIndex::Parse(rest).status();
}

void RowsReader::SkipForeignSections() {
  if (!index_.has_value()) return;
  const uint64_t next = index_->Next(in_.offset(), shape_.key_groups);
  if (next == in_.offset()) return;
  leaves_out_ = true;
  in_.Seek(next);
}

uint64_t RowsReader::CountRows() {
  const uint64_t begin = in_.offset();
  uint64_t count = 0;
  while (in_.remaining() >= kSectionHead) {
    SkipForeignSections();
    const StatusOr<std::string_view> head = in_.Take(kSectionHead);
    if (!head.ok()) break;
    const uint32_t mark = LoadLittleEndian<uint32_t>(head->data());
    const uint32_t rows = LoadLittleEndian<uint32_t>(head->data() + 4);
    const uint64_t bytes = LoadLittleEndian<uint64_t>(head->data() + 8);
    if (mark == kEnd) break;
    if (bytes >= in_.remaining()) break;
    // A row has at least a key's length or number, and what is present.
    if (IsOwn(mark) && rows <= bytes / 8) count += rows;
    if (!in_.Skip(bytes + sizeof(uint64_t)).ok()) break;
  }
  in_.Seek(begin);
  return count;
}

StatusOr<std::string> RowsReader::TakeChecked(const char* what) {
  WEIR_ASSIGN_OR_RETURN(const std::string_view size, in_.Take(sizeof(uint32_t)));
  WEIR_ASSIGN_OR_RETURN(const std::string_view taken, in_.Take(LoadLittleEndian<uint32_t>(size.data())));
  std::string bytes(taken);
  WEIR_ASSIGN_OR_RETURN(const std::string_view checksum, in_.Take(sizeof(uint64_t)));
  if (HashBytes(bytes) == LoadLittleEndian<uint64_t>(checksum.data())) return bytes;
  return DataLossError("keyed rows: the " + std::string(what) + "'s checksum is wrong; the bytes are damaged");
}

Status RowsReader::ReadPageHeader(KeyedRowsVersion version) {
  WEIR_ASSIGN_OR_RETURN(const std::string bytes, TakeChecked("header of pages"));
  WEIR_ASSIGN_OR_RETURN(pages_, ReadPageImageHeader(bytes, version == KeyedRowsVersion::kPages));
  if (shape_.key_form != KeyForm::kInteger || pages_->shape.states.size() != states_.size())
    return DataLossError("keyed rows: they cannot be in pages; the bytes are damaged");
  takes_pages_ = states_.size() == shape_.states.size() && sink_.TakesPages(pages_->shape);
  for (size_t i = 0; takes_pages_ && i < states_.size(); ++i) {
    takes_pages_ = states_[i].target == static_cast<int>(i) && !states_[i].converter.has_value() && !states_[i].timed &&
                   shape_.layout.slots[i].time_offset == 0;
  }
  if (takes_pages_) return OkStatus();
  page_rows_ = FixedRows();
  // The part of them that is this subtask's, about. More than the pages behind this have slots for is damage.
  const uint64_t rows = std::min(pages_->rows, in_.remaining() / pages_->shape.slot_bytes);
  const int64_t there = int64_t{pages_->last_key_group} - pages_->first_key_group + 1;
  const int64_t own = std::min<int64_t>(pages_->last_key_group, shape_.key_groups.last) -
                      std::max<int64_t>(pages_->first_key_group, shape_.key_groups.first) + 1;
  if (own > 0)
    sink_.Reserve(
        static_cast<uint64_t>(static_cast<double>(rows) * static_cast<double>(own) / static_cast<double>(there)));
  return OkStatus();
}

std::optional<PageRows> RowsReader::FixedRows() const {
  std::vector<PageRows::Target> targets;
  for (size_t i = 0; i < states_.size(); ++i) {
    const uint32_t bytes = pages_->shape.states[i].bytes;
    PageRows::Target target{.state = states_[i].target};
    if (target.state >= 0 && states_[i].converter.has_value()) {
      std::optional<FixedConversion> fixed = states_[i].converter->AsFixed();
      if (!fixed.has_value()) return std::nullopt;
      target.conversion = *std::move(fixed);
    } else if (target.state >= 0) {
      target.conversion = {.copies = {{0, 0, bytes}}, .filled = std::string(bytes, '\0')};
    }
    if (target.state >= 0 && states_[i].timed) return std::nullopt;
    targets.push_back(std::move(target));
  }
  return PageRows::Of(shape_, pages_->shape, std::move(targets));
}

Status RowsReader::ReadHeader() {
  WEIR_ASSIGN_OR_RETURN(const std::string bytes, TakeChecked("header"));
  ByteReader header(bytes, "header of keyed rows");
  const uint8_t key_form = header.GetU8();
  const uint32_t max_parallelism = header.GetU32();
  const uint32_t states = header.GetU32();
  if (header.ok() && key_form != static_cast<uint8_t>(shape_.key_form)) {
    return FailedPreconditionError(
        "keyed rows: the key was " + std::string(key_form == 0 ? "an integer" : "a string or composite") +
        " in the snapshot and is now " + (key_form == 0 ? "a string or composite" : "an integer") +
        "; state cannot move to another key");
  }
  if (header.ok() && max_parallelism != static_cast<uint32_t>(shape_.max_parallelism)) {
    return FailedPreconditionError("keyed rows: the snapshot has max parallelism " + std::to_string(max_parallelism) +
                                   " and the job " + std::to_string(shape_.max_parallelism) +
                                   "; set it to the snapshot's");
  }
  if (states > kMaxStatesPerRow) header.Reject();
  for (uint32_t i = 0; i < states && header.ok(); ++i) WEIR_RETURN_IF_ERROR(ReadState(header));
  return header.Finish();
}

Status RowsReader::ReadState(ByteReader& header) {
  StoredState state;
  state.name = header.GetString();
  const StateKind kind = static_cast<StateKind>(header.GetU8());
  state.timed = header.GetBool();
  const std::string_view schema = header.GetString();
  WEIR_RETURN_IF_ERROR(header.status());
  WEIR_RETURN_IF_ERROR(MatchState(state, kind, schema));
  states_.push_back(std::move(state));
  return OkStatus();
}

Status RowsReader::MatchState(StoredState& stored, StateKind kind, std::string_view schema) const {
  const auto declared = std::find_if(shape_.states.begin(), shape_.states.end(),
                                     [&](const StateDeclaration& state) { return state.name == stored.name; });
  if (declared == shape_.states.end()) return OkStatus();
  stored.target = static_cast<int>(declared - shape_.states.begin());
  const std::string where = "state \"" + stored.name + "\": ";
  if (kind != declared->kind) {
    return FailedPreconditionError(where + "it was a " + Name(kind) + " state in the snapshot and is now a " +
                                   Name(declared->kind) + " state; give the new one another name");
  }
  WEIR_ASSIGN_OR_RETURN(const Schema was, Schema::Decode(schema));
  const Schema& is = declared->ops->schema();
  if (was.Fingerprint() != is.Fingerprint()) {
    const bool has_elements = kind == StateKind::kList || kind == StateKind::kMap;
    WEIR_RETURN_IF_ERROR(CheckSchemaUpgrade("state \"" + stored.name + "\"", was, is,
                                            has_elements ? SchemaUse::kStateOfElements : SchemaUse::kValue));
    WEIR_ASSIGN_OR_RETURN(stored.converter, StateConverter::Of(kind, was, *declared->ops));
    if (stored.converter->is_identity()) stored.converter.reset();
  }
  if (!stored.timed && shape_.layout.slots[stored.target].time_offset != 0) {
    return FailedPreconditionError(
        where + "it has a time to live now and had none in the snapshot; give the new one another name");
  }
  return OkStatus();
}

Status RowsReader::ReadSection(bool& done) {
  char head[kSectionHead];
  WEIR_RETURN_IF_ERROR(in_.TakeTo(head, sizeof(head)));
  const uint32_t mark = LoadLittleEndian<uint32_t>(head);
  const uint32_t rows = LoadLittleEndian<uint32_t>(head + 4);
  const uint64_t length = LoadLittleEndian<uint64_t>(head + 8);
  const std::string_view head_bytes(head, sizeof(head));
  if (mark == kEnd) {
    done = true;
    WEIR_ASSIGN_OR_RETURN(const std::string_view checksum, in_.Take(sizeof(uint64_t)));
    if (HashBytes(head_bytes) != LoadLittleEndian<uint64_t>(checksum.data())) return WrongChecksum(kEnd);
    if (length == rows_ || leaves_out_) return OkStatus();
    return DataLossError("keyed rows: " + std::to_string(rows_) + " rows were read of " + std::to_string(length) +
                         "; sections are missing");
  }
  if (pages_.has_value() && (mark & kPage) != 0) return ReadPage(mark & ~kPage, rows, length, head_bytes);
  if (length > in_.remaining()) return in_.Take(length).status();
  WEIR_ASSIGN_OR_RETURN(const std::string_view section, in_.Take(length + sizeof(uint64_t)));
  const std::string_view records = section.substr(0, length);
  StreamingHash hash;
  hash.Update(head_bytes);
  hash.Update(records);
  const uint32_t key_group = mark & ~kErased;
  if (hash.Digest() != LoadLittleEndian<uint64_t>(section.data() + length)) return WrongChecksum(key_group);
  if ((mark & kErased) != 0 && !may_erase_)
    return DataLossError("keyed rows: a section of erased keys, which this version has not; the bytes are damaged");
  if ((mark & kErased) == 0) rows_ += rows;
  return IsOwn(key_group) ? ReadRecords(mark, rows, records) : OkStatus();
}

Status RowsReader::WrongChecksum(uint32_t key_group) const {
  const std::string what = key_group == kEnd ? "end" : "section of key group " + std::to_string(key_group);
  return DataLossError("keyed rows: the " + what + ", before offset " + std::to_string(in_.offset()) +
                       ", has a wrong checksum; the bytes are damaged");
}

Status RowsReader::ReadPage(uint32_t key_group, uint32_t rows, uint64_t bytes, std::string_view head) {
  char place[kPagePlace + sizeof(uint64_t)];
  WEIR_RETURN_IF_ERROR(in_.TakeTo(place, sizeof(place)));
  StreamingHash hash;
  hash.Update(head);
  hash.Update({place, kPagePlace});
  if (hash.Digest() != LoadLittleEndian<uint64_t>(place + kPagePlace)) return WrongChecksum(key_group);
  if (bytes != pages_->shape.page_bytes)
    return DataLossError("keyed rows: a page of " + std::to_string(bytes) + " bytes; the bytes are damaged");
  rows_ += rows;
  if (!IsOwn(key_group)) return in_.Skip(bytes);
  if (takes_pages_) {
    char* const page = sink_.NewPage();
    WEIR_RETURN_IF_ERROR(in_.TakeTo(page, bytes));
    return sink_.AddPage(page, LoadLittleEndian<uint64_t>(place), LoadLittleEndian<uint32_t>(place + 8));
  }
  WEIR_ASSIGN_OR_RETURN(const std::string_view page, in_.Take(bytes));
  if (page_rows_.has_value()) return page_rows_->Read(page, key_group, sink_);
  ByteWriter records;
  const uint32_t found = AppendRecordsOfPage(pages_->shape, page, records);
  return ReadRecords(key_group, found, records.bytes());
}

void RowsReader::ClearRow(char* row) const {
  for (size_t i = 0; i < shape_.states.size(); ++i) {
    const RowLayout::Slot& slot = shape_.layout.slots[i];
    if (!shape_.states[i].ops->flat && (RowFlags(row) & slot.present) != 0)
      shape_.states[i].ops->destroy(row + slot.offset);
  }
  shape_.layout.SetAbsent(row, kPresentFlags);
}

Status RowsReader::ReadRecords(uint32_t mark, uint32_t rows, std::string_view bytes) {
  ByteReader in(bytes, "records of keyed rows");
  std::vector<char*> targets(kRowsAtATime);
  while (rows > 0) {
    const uint32_t count = std::min(rows, kRowsAtATime);
    rows -= count;
    WEIR_RETURN_IF_ERROR(ReadKeys(mark, count, bytes, in));
    sink_.PrepareRows({integers_.data(), strings_.data()}, hashes_.data(), count, targets.data());
    for (uint32_t i = 0; i < count; ++i) {
      // States that an earlier snapshot had and this one has not are gone.
      if (shape_.layout.PresentIn(targets[i]) != 0) ClearRow(targets[i]);
      if ((mark & kErased) != 0) {
        sink_.OnEmptied(targets[i]);
      } else {
        WEIR_RETURN_IF_ERROR(DecodeStates(values_[i], present_[i], targets[i]));
      }
    }
  }
  return in.Finish().Annotate("key group " + std::to_string(mark & ~kErased));
}

Status RowsReader::ReadKeys(uint32_t mark, uint32_t count, std::string_view bytes, ByteReader& in) {
  const uint32_t key_group = mark & ~kErased;
  integers_.clear();
  strings_.clear();
  hashes_.clear();
  present_.clear();
  values_.clear();
  for (uint32_t i = 0; i < count; ++i) {
    if (shape_.key_form == KeyForm::kInteger) {
      integers_.push_back(in.GetI64());
    } else {
      strings_.push_back(in.GetString());
      const bool is_piece = shape_.key_form == KeyForm::kPieces;
      if (is_piece && strings_.back().size() < internal::kPieceHead) in.Reject();
      if (!in.ok()) return in.status().Annotate("key group " + std::to_string(key_group));
      hashes_.push_back(is_piece ? internal::HashOfPiece(strings_.back()) : HashBytes(strings_.back()));
    }
    present_.push_back((mark & kErased) != 0 ? 0 : in.GetU32());
    const size_t begin = in.offset();
    for (uint32_t bit = 0; bit < states_.size() && in.ok(); ++bit) {
      if ((present_.back() >> bit & 1) != 0) in.GetString();
    }
    values_.push_back(bytes.substr(begin, in.offset() - begin));
    if (!in.ok()) return in.status().Annotate("key group " + std::to_string(key_group));
  }
  if (shape_.key_form == KeyForm::kInteger) {
    hashes_.resize(count);
    HashInts(integers_, hashes_);
  }
  for (const uint64_t hash : hashes_) {
    if (GroupOf(hash) == key_group) continue;
    return DataLossError("keyed rows: the section of key group " + std::to_string(key_group) +
                         " holds a key of another one; the bytes are damaged");
  }
  return OkStatus();
}

Status RowsReader::DecodeStates(std::string_view states, uint32_t present, char* row) {
  ByteReader in(states, "states of a row");
  for (uint32_t i = 0; i < states_.size(); ++i) {
    if ((present >> i & 1) == 0) continue;
    ByteReader value(in.GetString(), states_[i].name);
    if (states_[i].target < 0) continue;
    WEIR_RETURN_IF_ERROR(DecodeState(states_[i], value, row).Annotate("state \"" + states_[i].name + "\""));
  }
  return in.Finish();
}

Status RowsReader::DecodeState(StoredState& state, ByteReader& in, char* row) {
  const RowLayout::Slot& slot = shape_.layout.slots[state.target];
  const ValueOps& ops = *shape_.states[state.target].ops;
  const int64_t time = state.timed ? in.GetI64() : 0;
  if (!ops.flat && (RowFlags(row) & slot.present) != 0) ops.destroy(row + slot.offset);
  shape_.layout.SetAbsent(row, slot.present);
  if (state.converter.has_value()) {
    WEIR_ASSIGN_OR_RETURN(const std::string_view now, state.converter->Convert(in.GetBytes(in.remaining())));
    ByteReader converted(now, state.name);
    WEIR_RETURN_IF_ERROR(ops.decode(converted, row + slot.offset));
    WEIR_RETURN_IF_ERROR(converted.Finish());
  } else {
    WEIR_RETURN_IF_ERROR(ops.decode(in, row + slot.offset));
  }
  shape_.layout.SetPresent(row, slot);
  if (slot.time_offset != 0) StoreLittleEndian(row + slot.time_offset, time);
  return in.Finish();
}

}  // namespace

Status ReadKeyedRows(const KeyedRowsShape& shape, ByteReader& in, KeyedRowsSink& sink) {
  WEIR_RETURN_IF_ERROR(in.status());
  BytesSource source(in);
  WEIR_RETURN_IF_ERROR(RowsReader(shape, source, sink).Read());
  source.Finish();
  return OkStatus();
}

bool HoldsPieces(ByteReader in) {
  in.Skip(kMagic.size() + sizeof(uint32_t));
  const std::string_view header = in.GetString();
  return in.ok() && !header.empty() && static_cast<KeyForm>(header[0]) == KeyForm::kPieces;
}

bool HoldsPieces(const NativeKeyedState& state) {
  if (state.files == nullptr || state.files->files().empty()) return HoldsPieces(ByteReader(state.state, "keyed rows"));
  const StatusOr<std::string> header = ReadKeyedRowsHeader(*state.files, 0);
  return header.ok() && !header->empty() && static_cast<KeyForm>((*header)[0]) == KeyForm::kPieces;
}

StatusOr<std::string> ReadKeyedRowsHeader(BackendFiles& files, size_t file) {
  FileSource source(files, file);
  WEIR_RETURN_IF_ERROR(source.Skip(kMagic.size() + sizeof(uint32_t)));
  WEIR_ASSIGN_OR_RETURN(const std::string_view size, source.Take(sizeof(uint32_t)));
  WEIR_ASSIGN_OR_RETURN(const std::string_view header, source.Take(LoadLittleEndian<uint32_t>(size.data())));
  return std::string(header);
}

Status ReadKeyedRows(const KeyedRowsShape& shape, BackendFiles& files, size_t file, KeyedRowsSink& sink) {
  FileSource source(files, file);
  return RowsReader(shape, source, sink).Read();
}

Status ReadHeapState(const KeyedRowsShape& shape, const NativeKeyedState& state, KeyedRowsSink& sink) {
  KeyedRowsShape part = shape;
  part.key_groups.first = std::max(shape.key_groups.first, state.key_groups.first);
  part.key_groups.last = std::min(shape.key_groups.last, state.key_groups.last);
  if (part.key_groups.size() <= 0) return OkStatus();
  for (size_t i = 0; state.files != nullptr && i < state.files->files().size(); ++i)
    WEIR_RETURN_IF_ERROR(ReadKeyedRows(part, *state.files, i, sink));
  if (state.state.empty()) return OkStatus();
  ByteReader in(state.state, "keyed state");
  return ReadKeyedRows(part, in, sink);
}

}  // namespace weir
