// Text files: one record per line.
#pragma once

#include "weir/connectors/file/byte_finder.h"
#include "weir/connectors/file/file_format.h"

namespace weir {

// Rows are std::string_view: the line without its end (\n or \r\n).
class TextLineFormat final : public FileFormat {
 public:
  Status ReadRows(FileCursor& cursor, uint32_t max_rows, BatchBase& into) override;

 private:
  ByteFinder finder_{'\n', '\n'};
};

}  // namespace weir
