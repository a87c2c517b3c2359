// The canonical bytes of keyed rows, the same for every backend: docs/formats/keyed_rows.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/coding.h"
#include "weir/base/status.h"
#include "weir/functions/state/keyed_rows.h"
#include "weir/state/snapshot/key_group_index.h"
#include "weir/state/snapshot/native_keyed_state.h"
#include "weir/state/snapshot/page_images.h"
#include "weir/types/key_group.h"

namespace weir {

// What rows look like: the backend's own view of its declarations.
struct KeyedRowsShape {
  std::vector<StateDeclaration> states;
  RowLayout layout;
  KeyForm key_form = KeyForm::kInteger;
  KeyGroupRange key_groups;
  int max_parallelism = 128;
};

// The states of one row as a record has them behind its key: which have a value, and the values.
void WriteRowStates(const KeyedRowsShape& shape, const char* row, ByteWriter& out);
// Reads what WriteRowStates wrote for the same shape into a row without states.
Status ReadRowStates(const KeyedRowsShape& shape, std::string_view states, char* row);

// The keys and states that rows of this shape have, for backends that keep records of them: what a reader needs to know.
std::string EncodeKeyedRowsHeader(const KeyedRowsShape& shape);

// The format's versions: 2 has keys that were erased, too, for what has changed since an earlier snapshot; 3 and 4 have pages of the heap as
// they were, with flags in their rows and without; 5 is what 2 is, of pieces of large maps (key form kPieces), whatever version is asked for; 6 the same where there
// may be pieces of lists, too.
enum class KeyedRowsVersion : uint32_t {
  kAll = 1,
  kChanges = 2,
  kPages = 3,
  kPagesWithoutFlags = 4,
  kPieces = 5,
  kPiecesOfLists = 6,
};

// Writes rows, key group by key group.
class KeyedRowsWriter {
 public:
  // Both must outlive the writer.
  KeyedRowsWriter(const KeyedRowsShape& shape, ByteWriter& out, KeyedRowsVersion version = KeyedRowsVersion::kAll);
  // Version 3 or 4.
  KeyedRowsWriter(const KeyedRowsShape& shape, const PageImageHeader& pages, ByteWriter& out);
  // For records that AddWritten takes: `header` describes them (EncodeKeyedRowsHeader of another shape with these keys).
  KeyedRowsWriter(KeyForm key_form, std::string_view header, ByteWriter& out);
  KeyedRowsWriter(const KeyedRowsWriter&) = delete;
  KeyedRowsWriter& operator=(const KeyedRowsWriter&) = delete;

  // Key groups must not descend. A row without states is left out.
  void Add(uint32_t key_group, const StoredKey& key, const char* row);
  // The same for a row of which a backend has kept what WriteRowStates wrote.
  void AddWritten(uint32_t key_group, const StoredKey& key, std::string_view states);
  // So many records, as Add writes them. Returns where their bytes go; the place is valid until the next call.
  char* AddRecords(uint32_t key_group, uint32_t rows, size_t bytes);
  // The key is in no row of this snapshot, but may be in one of an earlier snapshot. Only with kChanges.
  void AddErased(uint32_t key_group, const StoredKey& key);
  // A page with so many rows of one key group, the hashes of whose keys lie in [first_hash, first_hash + 2^hash_bits). Returns where its bytes go; the place is
  // valid until the next call. Only of a writer of
  // pages.
  char* AddPage(uint32_t key_group, uint32_t rows, uint64_t first_hash, uint32_t hash_bits);
  // Before the first row: what is written is a file of its own, and has an index of its key groups at its end.
  void KeepIndex() { index_.emplace(); }
  // Ends what is open. The bytes so far are to be taken out of `out` then; more may follow.
  void Cut();
  // Ends the rows; nothing may follow.
  void Finish();

 private:
  // A section with rows of that key group begins.
  void NoteSection(uint32_t key_group) {
    if (index_.has_value()) index_->Note(key_group, taken_bytes_ + out_.size());
  }
  void BeginSection(uint32_t mark);
  void EndSection();
  void RequireSection(uint32_t mark);
  void BeginRecord(uint32_t mark, const StoredKey& key);

  const KeyedRowsShape* const shape_;  // null: only AddWritten
  const KeyForm key_form_;
  const uint32_t page_bytes_ = 0;
  ByteWriter& out_;
  uint32_t mark_ = 0;  // of the open section: its key group and kind
  bool in_section_ = false;
  size_t section_ = 0;  // where the section began in out_
  uint32_t section_rows_ = 0;
  uint64_t rows_ = 0;
  uint64_t taken_bytes_ = 0;  // out of out_
  std::optional<KeyGroupIndex> index_;
};

// Where rows that are read go. `rows` as Prepare's.
class KeyedRowsSink {
 public:
  virtual ~KeyedRowsSink() = default;
  virtual void PrepareRows(const KeyColumn& keys, const uint64_t* hashes, uint32_t count, char** rows) = 0;
  // About so many rows are to come.
  virtual void Reserve(uint64_t rows) {}
  // The last value was taken out of a row that PrepareRows has just given.
  virtual void OnEmptied(char* row) {}

  // Whether pages whose slots lie like this are taken as they are; else their rows come like others.
  virtual bool TakesPages(const PageImageShape& shape) const { return false; }
  // Where such a page goes.
  virtual char* NewPage() { return nullptr; }
  // What NewPage gave has its bytes now, and hashes of its keys lie in [first_hash, first_hash + 2^hash_bits). Only the tags and what stands in taken slots is to be
  // looked at.
  virtual Status AddPage(char* page, uint64_t first_hash, uint32_t hash_bits) { return OkStatus(); }
};

// Reads what KeyedRowsWriter wrote, of any version, into rows of `sink`: rows that are there are replaced, erased keys lose their states. Leaves
// out key groups outside shape.key_groups and states that are not declared any more. Values of a type that has changed are converted where that
// is automatic (types/schema/schema_upgrade.h).
// kDataLoss: the bytes are damaged; kFailedPrecondition: they are of other keys, another max parallelism, or of states of another kind or type.
Status ReadKeyedRows(const KeyedRowsShape& shape, ByteReader& in, KeyedRowsSink& sink);
// Whether what KeyedRowsWriter wrote are rows of pieces. False if it cannot be read: who reads on says so.
bool HoldsPieces(ByteReader in);
// The same of what a heap has in a checkpoint.
bool HoldsPieces(const NativeKeyedState& state);
// What EncodeKeyedRowsHeader gave for the rows in a file, whose beginning ReadKeyedRows has found to be whole.
StatusOr<std::string> ReadKeyedRowsHeader(BackendFiles& files, size_t file);
// The same as ReadKeyedRows out of a file.
Status ReadKeyedRows(const KeyedRowsShape& shape, BackendFiles& files, size_t file, KeyedRowsSink& sink);
// The same for what a heap has in a checkpoint (format "heap"): its files, the oldest first, and what lies beside them. Leaves out key groups outside
// state.key_groups, too: after a rescale several such states name one file, and what each has changed since is about its own key groups.
Status ReadHeapState(const KeyedRowsShape& shape, const NativeKeyedState& state, KeyedRowsSink& sink);

}  // namespace weir
