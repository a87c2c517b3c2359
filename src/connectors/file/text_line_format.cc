#include "weir/connectors/file/text_line_format.h"

#include <string_view>

namespace weir {

Status TextLineFormat::ReadRows(FileCursor& cursor, uint32_t max_rows, BatchBase& into) {
  std::string_view* const rows = static_cast<std::string_view*>(into.rows) + into.size;
  const char* const limit = cursor.end();
  const char* const stop = cursor.stop();
  const bool at_end = cursor.at_end();
  const char* at = cursor.begin();
  uint32_t count = 0;
  finder_.Begin(at, limit);
  while (count < max_rows && at < stop) {
    const char* const end = finder_.Next();
    if (end == limit && !at_end) break;
    const char* const text_end = end > at && end[-1] == '\r' ? end - 1 : end;
    rows[count++] = std::string_view(at, static_cast<size_t>(text_end - at));
    at = end == limit ? limit : end + 1;
  }
  into.size += count;
  cursor.Consume(at, count);
  return OkStatus();
}

}  // namespace weir
