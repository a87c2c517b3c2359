// The canonical bytes of keyed rows, the same for every backend: docs/formats/keyed_rows.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/coding.h"
#include "weir/base/status.h"
#include "weir/functions/state/keyed_rows.h"
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

// Writes rows, key group by key group.
class KeyedRowsWriter {
 public:
  // Both must outlive the writer.
  KeyedRowsWriter(const KeyedRowsShape& shape, ByteWriter& out);
  KeyedRowsWriter(const KeyedRowsWriter&) = delete;
  KeyedRowsWriter& operator=(const KeyedRowsWriter&) = delete;

  // Key groups must not descend. A row without states is left out.
  void Add(uint32_t key_group, const StoredKey& key, const char* row);
  // The same for a row of which a backend has kept what WriteRowStates wrote.
  void AddWritten(uint32_t key_group, const StoredKey& key, std::string_view states);
  // Ends the rows; nothing may follow.
  void Finish();

 private:
  void BeginSection(uint32_t key_group);
  void EndSection();
  void BeginRecord(uint32_t key_group, const StoredKey& key);

  const KeyedRowsShape& shape_;
  ByteWriter& out_;
  uint32_t key_group_ = 0;
  bool in_section_ = false;
  size_t section_ = 0;  // where the section began in out_
  uint32_t section_rows_ = 0;
  uint64_t rows_ = 0;
};

// Where rows that are read go. `rows` as Prepare's.
class KeyedRowsSink {
 public:
  virtual ~KeyedRowsSink() = default;
  virtual void PrepareRows(const KeyColumn& keys, const uint64_t* hashes, uint32_t count, char** rows) = 0;
};

// Reads what KeyedRowsWriter wrote into rows of `sink`, leaving out key groups outside shape.key_groups and states that are not declared any more.
// Values of a type that
// has changed are converted where that is automatic (types/schema/schema_upgrade.h).
// kDataLoss: the bytes are damaged; kFailedPrecondition: they are of other keys, another max parallelism, or of states of another kind or type.
Status ReadKeyedRows(const KeyedRowsShape& shape, ByteReader& in, KeyedRowsSink& sink);

}  // namespace weir
