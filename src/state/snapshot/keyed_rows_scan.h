// Looks at keyed rows in canonical form without knowing the types in them: for tools. Backends read them by keyed_rows_format.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/status.h"
#include "weir/functions/state/keyed_rows.h"
#include "weir/types/schema/schema.h"

namespace weir {

struct ScannedState {
  std::string name = {};
  StateKind kind = StateKind::kValue;
  bool timed = false;
  Schema schema = {};
};

struct ScannedHeader {
  KeyForm key_form = KeyForm::kInteger;
  uint32_t max_parallelism = 0;
  std::vector<ScannedState> states = {};
};

// One row. Views point into the bytes that are scanned.
struct ScannedRow {
  struct Value {
    uint32_t state = 0;           // number in the header
    int64_t time_ms = 0;          // of timed states: when it was written
    std::string_view bytes = {};  // without the time
  };
  uint32_t key_group = 0;
  StoredKey key = {};
  std::string_view key_bytes = {};  // as stored, whatever the form: equal for equal keys
  std::string_view record = {};     // the whole row as stored
  std::vector<Value> values = {};   // of the states that are there
};

class RowScanner {
 public:
  virtual ~RowScanner() = default;
  virtual Status OnHeader(const ScannedHeader& header) = 0;
  virtual Status OnRow(const ScannedRow& row) = 0;
  // The key, which is all there is of `row`, was erased since an earlier snapshot.
  virtual Status OnErased(const ScannedRow& row) { return OkStatus(); }
};

// Calls `scanner` for the header and every row of the key groups [first, last], also erased ones. Checks every checksum; stops at the first error.
Status ScanKeyedRows(std::string_view bytes, uint32_t first_key_group, uint32_t last_key_group, RowScanner& scanner);

// The same for rows of which each element of `chain` has what has changed since the one before: the scanner sees every row as it is at the end.
Status ScanKeyedRowsChain(const std::vector<std::string>& chain, uint32_t first_key_group, uint32_t last_key_group,
                          RowScanner& scanner);

}  // namespace weir
