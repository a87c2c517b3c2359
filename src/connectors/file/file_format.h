// How the content of files becomes rows.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "weir/base/status.h"
#include "weir/connectors/file/file_cursor.h"
#include "weir/functions/batch_output.h"
#include "weir/types/batch.h"

namespace weir {

// One per reader. Threads: the task's thread.
class FileFormat {
 public:
  virtual ~FileFormat() = default;

  // As SourceReaderBase::BindSideOutputs.
  virtual void BindSideOutputs(const std::vector<std::string>& tags, BatchOutput* const* outputs) {}
  // A split was opened (again, after a restore). May consume what is no record: a header.
  virtual Status BeginSplit(FileSystem& file_system, FileCursor& cursor) { return OkStatus(); }
  // Appends up to `max_rows` rows to `into` (which has room for them) from the complete records of the cursor's window that begin before its stop, and
  // consumes these. Consumes nothing: it needs more bytes.
  virtual Status ReadRows(FileCursor& cursor, uint32_t max_rows, BatchBase& into) = 0;
  // Records left out because they were bad.
  virtual int64_t bad_records() const { return 0; }
};

}  // namespace weir
