#include "weir/connectors/file/csv_file_sink.h"

namespace weir {

CsvFileWriter::CsvFileWriter(CsvRecordType type, char delimiter, std::unique_ptr<PartFileWriter> parts)
    : PartFileSinkWriter(std::move(parts)), type_(std::move(type)), delimiter_(delimiter) {}

Status CsvFileWriter::WriteBatch(BatchBase& batch) {
  const char* const rows = static_cast<const char*>(batch.rows);
  const size_t row_bytes = batch.type->row_bytes;
  std::string& out = parts().buffer();
  const uint32_t count = batch.count();
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t row = batch.has_selection ? batch.selection[i] : i;
    AppendCsvRow(type_, rows + row * row_bytes, delimiter_, out);
  }
  return count > 0 ? parts().Added() : OkStatus();
}

}  // namespace weir
