#include "weir/state/snapshot/keyed_rows_format.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "weir/base/check.h"
#include "weir/base/hash.h"
#include "weir/state/snapshot/state_converter.h"
#include "weir/types/schema/schema.h"
#include "weir/types/schema/schema_upgrade.h"

namespace weir {

namespace {

constexpr std::string_view kMagic = "WEIRKROW";
constexpr uint32_t kNewestVersion = static_cast<uint32_t>(KeyedRowsVersion::kChanges);
// With the key group: the section's records are keys that were erased. Key groups are below 32768.
constexpr uint32_t kErased = 0x80000000;
constexpr uint32_t kEnd = 0xffffffff;  // in place of a key group
constexpr size_t kSectionHead = 16;    // key group, rows, bytes
constexpr uint32_t kRowsAtATime = 256;

std::string Name(StateKind kind) {
  static constexpr const char* kNames[] = {"value", "list", "map", "reducing", "aggregating"};
  return static_cast<size_t>(kind) < std::size(kNames) ? kNames[static_cast<size_t>(kind)] : "unknown";
}

void WriteState(const StateDeclaration& state, const RowLayout::Slot& slot, const char* row, ByteWriter& out) {
  const size_t length_at = out.size();
  out.PutU32(0);
  if (slot.time_offset != 0) out.PutI64(LoadLittleEndian<int64_t>(row + slot.time_offset));
  state.ops->encode(row + slot.offset, out);
  out.PatchU32(length_at, static_cast<uint32_t>(out.size() - length_at - 4));
}

void WriteHeader(KeyedRowsVersion version, std::string_view header, ByteWriter& out) {
  out.PutBytes(kMagic);
  out.PutU32(static_cast<uint32_t>(version));
  out.PutString(header);
  out.PutU64(HashBytes(header));
}

}  // namespace

std::string EncodeKeyedRowsHeader(const KeyedRowsShape& shape) {
  ByteWriter header;
  header.PutU8(static_cast<uint8_t>(shape.key_form));
  header.PutU32(static_cast<uint32_t>(shape.max_parallelism));
  header.PutU32(static_cast<uint32_t>(shape.states.size()));
  for (size_t i = 0; i < shape.states.size(); ++i) {
    header.PutString(shape.states[i].name);
    header.PutU8(static_cast<uint8_t>(shape.states[i].kind));
    header.PutBool(shape.layout.slots[i].time_offset != 0);
    header.PutString(shape.states[i].ops->schema().Encode());
  }
  return std::move(header).Take();
}

void WriteRowStates(const KeyedRowsShape& shape, const char* row, ByteWriter& out) {
  out.PutU32(static_cast<uint32_t>(RowFlags(row) & kPresentFlags));
  for (uint32_t i = 0; i < shape.states.size(); ++i) {
    if ((RowFlags(row) & shape.layout.slots[i].present) != 0)
      WriteState(shape.states[i], shape.layout.slots[i], row, out);
  }
}

Status ReadRowStates(const KeyedRowsShape& shape, std::string_view states, char* row) {
  ByteReader in(states, "states of a row");
  const uint32_t present = in.GetU32();
  for (uint32_t i = 0; i < shape.states.size(); ++i) {
    if ((present >> i & 1) == 0) continue;
    const RowLayout::Slot& slot = shape.layout.slots[i];
    ByteReader value(in.GetString(), "value of a state");
    if (slot.time_offset != 0) StoreLittleEndian(row + slot.time_offset, value.GetI64());
    WEIR_RETURN_IF_ERROR(shape.states[i].ops->decode(value, row + slot.offset).Annotate(shape.states[i].name));
    RowFlags(row) |= slot.present;
    WEIR_RETURN_IF_ERROR(value.Finish().Annotate(shape.states[i].name));
  }
  return in.Finish();
}

KeyedRowsWriter::KeyedRowsWriter(const KeyedRowsShape& shape, ByteWriter& out, KeyedRowsVersion version)
    : shape_(&shape), key_form_(shape.key_form), out_(out) {
  WriteHeader(version, EncodeKeyedRowsHeader(shape), out_);
}

KeyedRowsWriter::KeyedRowsWriter(KeyForm key_form, std::string_view header, ByteWriter& out)
    : shape_(nullptr), key_form_(key_form), out_(out) {
  WriteHeader(KeyedRowsVersion::kAll, header, out_);
}

void KeyedRowsWriter::BeginSection(uint32_t mark) {
  mark_ = mark;
  in_section_ = true;
  section_ = out_.size();
  section_rows_ = 0;
  out_.PutU32(mark);
  out_.PutU32(0);  // rows and bytes are patched at the section's end
  out_.PutU64(0);
}

void KeyedRowsWriter::EndSection() {
  if (!in_section_) return;
  in_section_ = false;
  const uint64_t bytes = out_.size() - section_ - kSectionHead;
  out_.PatchU32(section_ + 4, section_rows_);
  out_.PatchU32(section_ + 8, static_cast<uint32_t>(bytes));
  out_.PatchU32(section_ + 12, static_cast<uint32_t>(bytes >> 32));
  out_.PutU64(HashBytes(out_.bytes().substr(section_)));
  if ((mark_ & kErased) == 0) rows_ += section_rows_;
}

void KeyedRowsWriter::BeginRecord(uint32_t mark, const StoredKey& key) {
  if (!in_section_ || mark != mark_) {
    EndSection();
    BeginSection(mark);
  }
  ++section_rows_;
  if (key_form_ == KeyForm::kInteger) {
    out_.PutI64(key.integer);
  } else {
    out_.PutString(key.bytes);
  }
}

void KeyedRowsWriter::Add(uint32_t key_group, const StoredKey& key, const char* row) {
  if (!RowHasState(row)) return;
  BeginRecord(key_group, key);
  WriteRowStates(*shape_, row, out_);
}

void KeyedRowsWriter::AddWritten(uint32_t key_group, const StoredKey& key, std::string_view states) {
  BeginRecord(key_group, key);
  out_.PutBytes(states);
}

void KeyedRowsWriter::AddErased(uint32_t key_group, const StoredKey& key) { BeginRecord(key_group | kErased, key); }

void KeyedRowsWriter::Finish() {
  EndSection();
  const size_t end = out_.size();
  out_.PutU32(kEnd);
  out_.PutU32(0);
  out_.PutU64(rows_);
  out_.PutU64(HashBytes(out_.bytes().substr(end)));
}

namespace {

// One state as the bytes describe it, and where it goes.
struct StoredState {
  std::string name;
  bool timed = false;
  int target = -1;                               // number among the declared states; -1: not declared any more
  std::optional<StateConverter> converter = {};  // when its type has changed
};

class RowsReader {
 public:
  RowsReader(const KeyedRowsShape& shape, ByteReader& in, KeyedRowsSink& sink) : shape_(shape), in_(in), sink_(sink) {}

  Status Read();

 private:
  Status ReadHeader();
  Status ReadState(ByteReader& header);
  Status MatchState(StoredState& stored, StateKind kind, std::string_view schema) const;
  // Rows of own key groups in what follows, which may be damaged.
  uint64_t CountRows() const;
  bool IsOwn(uint32_t key_group) const {
    return static_cast<uint32_t>(shape_.key_groups.first) <= key_group &&
           key_group <= static_cast<uint32_t>(shape_.key_groups.last);
  }
  // One section or the end.
  Status ReadSection(bool& done);
  Status CheckSection(uint32_t key_group, std::string_view head_and_records, uint64_t checksum) const;
  // `mark`: key group, and whether the records are erased keys.
  Status ReadRecords(uint32_t mark, uint32_t rows, std::string_view bytes);
  // Reads the keys of up to kRowsAtATime records and notes where their states begin.
  Status ReadKeys(uint32_t mark, uint32_t count, std::string_view bytes, ByteReader& in);
  void ClearRow(char* row) const;
  Status DecodeStates(std::string_view states, uint32_t present, char* row);
  Status DecodeState(StoredState& state, ByteReader& in, char* row);

  uint32_t GroupOf(uint64_t hash) const { return static_cast<uint32_t>(KeyGroupForHash(hash, shape_.max_parallelism)); }

  const KeyedRowsShape& shape_;
  ByteReader& in_;
  KeyedRowsSink& sink_;
  std::vector<StoredState> states_;
  bool may_erase_ = false;  // the version has erased keys
  uint64_t rows_ = 0;
  // Of the records at hand.
  std::vector<int64_t> integers_;
  std::vector<std::string_view> strings_;
  std::vector<uint64_t> hashes_;
  std::vector<uint32_t> present_;
  std::vector<std::string_view> values_;
};

Status RowsReader::Read() {
  const std::string_view magic = in_.GetBytes(kMagic.size());
  const uint32_t version = in_.GetU32();
  WEIR_RETURN_IF_ERROR(in_.status());
  if (magic != kMagic)
    return DataLossError("keyed rows: the bytes do not begin with \"WEIRKROW\"; they are damaged or something else");
  if (version == 0 || version > kNewestVersion) {
    return FailedPreconditionError("keyed rows: format version " + std::to_string(version) +
                                   "; this build reads versions up to " + std::to_string(kNewestVersion) +
                                   ". Use the version of Weir that wrote them, or a newer one");
  }
  may_erase_ = version == static_cast<uint32_t>(KeyedRowsVersion::kChanges);
  WEIR_RETURN_IF_ERROR(ReadHeader());
  sink_.Reserve(CountRows());
  for (bool done = false; !done;) WEIR_RETURN_IF_ERROR(ReadSection(done));
  return OkStatus();
}

uint64_t RowsReader::CountRows() const {
  ByteReader rest = in_;
  uint64_t count = 0;
  while (rest.ok() && rest.remaining() >= kSectionHead) {
    const uint32_t mark = rest.GetU32();
    const uint32_t rows = rest.GetU32();
    const uint64_t bytes = rest.GetU64();
    if (mark == kEnd) break;
    // A row has at least a key's length or number, and what is present.
    if (IsOwn(mark) && rows <= bytes / 8) count += rows;
    if (bytes > rest.remaining()) break;
    rest.Skip(bytes + sizeof(uint64_t));
  }
  return count;
}

Status RowsReader::ReadHeader() {
  const std::string_view bytes = in_.GetString();
  const uint64_t checksum = in_.GetU64();
  WEIR_RETURN_IF_ERROR(in_.status());
  if (HashBytes(bytes) != checksum)
    return DataLossError("keyed rows: the header's checksum is wrong; the bytes are damaged");
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
    WEIR_RETURN_IF_ERROR(CheckSchemaUpgrade("state \"" + stored.name + "\"", was, is));
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
  const std::string_view head_bytes = in_.GetBytes(kSectionHead);
  WEIR_RETURN_IF_ERROR(in_.status());
  ByteReader head(head_bytes, "section of keyed rows");
  const uint32_t mark = head.GetU32();
  const uint32_t rows = head.GetU32();
  const uint64_t length = head.GetU64();
  done = mark == kEnd;
  const uint32_t key_group = done ? kEnd : mark & ~kErased;
  const std::string_view records = in_.GetBytes(done ? 0 : length);
  const uint64_t checksum = in_.GetU64();
  WEIR_RETURN_IF_ERROR(in_.status());
  WEIR_RETURN_IF_ERROR(CheckSection(key_group, {head_bytes.data(), head_bytes.size() + records.size()}, checksum));
  if (!done && (mark & kErased) != 0 && !may_erase_)
    return DataLossError("keyed rows: a section of erased keys, which this version has not; the bytes are damaged");
  if (!done) {
    if ((mark & kErased) == 0) rows_ += rows;
    return IsOwn(key_group) ? ReadRecords(mark, rows, records) : OkStatus();
  }
  if (length == rows_) return OkStatus();
  return DataLossError("keyed rows: " + std::to_string(rows_) + " rows were read of " + std::to_string(length) +
                       "; sections are missing");
}

Status RowsReader::CheckSection(uint32_t key_group, std::string_view head_and_records, uint64_t checksum) const {
  if (HashBytes(head_and_records) == checksum) return OkStatus();
  const std::string what = key_group == kEnd ? "end" : "section of key group " + std::to_string(key_group);
  return DataLossError("keyed rows: the " + what + ", before offset " + std::to_string(in_.offset()) +
                       ", has a wrong checksum; the bytes are damaged");
}

void RowsReader::ClearRow(char* row) const {
  for (size_t i = 0; i < shape_.states.size(); ++i) {
    const RowLayout::Slot& slot = shape_.layout.slots[i];
    if (!shape_.states[i].ops->flat && (RowFlags(row) & slot.present) != 0)
      shape_.states[i].ops->destroy(row + slot.offset);
  }
  RowFlags(row) &= ~kPresentFlags;
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
      if (RowHasState(targets[i])) ClearRow(targets[i]);
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
      hashes_.push_back(HashBytes(strings_.back()));
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
  if ((RowFlags(row) & slot.present) != 0 && !ops.flat) ops.destroy(row + slot.offset);
  RowFlags(row) &= ~slot.present;
  if (state.converter.has_value()) {
    WEIR_ASSIGN_OR_RETURN(const std::string_view now, state.converter->Convert(in.GetBytes(in.remaining())));
    ByteReader converted(now, state.name);
    WEIR_RETURN_IF_ERROR(ops.decode(converted, row + slot.offset));
    WEIR_RETURN_IF_ERROR(converted.Finish());
  } else {
    WEIR_RETURN_IF_ERROR(ops.decode(in, row + slot.offset));
  }
  RowFlags(row) |= slot.present | slot.loaded;
  if (slot.time_offset != 0) StoreLittleEndian(row + slot.time_offset, time);
  return in.Finish();
}

}  // namespace

Status ReadKeyedRows(const KeyedRowsShape& shape, ByteReader& in, KeyedRowsSink& sink) {
  return RowsReader(shape, in, sink).Read();
}

}  // namespace weir
