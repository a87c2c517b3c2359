// Writes records as CSV files.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "weir/connectors/file/csv_field.h"
#include "weir/connectors/file/part_file_sink.h"
#include "weir/functions/sink.h"

namespace weir {

class CsvFileWriter final : public PartFileSinkWriter {
 public:
  CsvFileWriter(CsvRecordType type, char delimiter, std::unique_ptr<PartFileWriter> parts);
  Status WriteBatch(BatchBase& batch) override;

 private:
  const CsvRecordType type_;
  const char delimiter_;
};

// A folder of part files, part-<subtask>-<number>.csv, with a column per field of T; no header unless asked for. See connectors/file/part_file.h for how
// files appear.
//
//   delays.SinkTo(weir::CsvFileSink<Delay>("out/").ExactlyOnce());
template <class T>
class CsvFileSink : public Sink<T>, public PartFileSinkOptions<CsvFileSink<T>> {
 public:
  explicit CsvFileSink(std::string folder) : PartFileSinkOptions<CsvFileSink<T>>(std::move(folder), ".csv") {}

  // Every file begins with the names of the fields.
  CsvFileSink& WithHeader(bool header = true) {
    header_ = header;
    return *this;
  }
  CsvFileSink& Delimiter(char delimiter) {
    delimiter_ = delimiter;
    return *this;
  }

  StatusOr<std::unique_ptr<SinkWriterBase>> CreateWriter(const RuntimeContext& context) const {
    CsvRecordType type = CsvRecordTypeOf<T>();
    std::string header;
    if (header_) AppendCsvHeader(type, delimiter_, header);
    WEIR_ASSIGN_OR_RETURN(std::unique_ptr<PartFileWriter> parts, this->OpenParts(context, std::move(header)));
    return std::make_unique<CsvFileWriter>(std::move(type), delimiter_, std::move(parts));
  }

 private:
  bool header_ = false;
  char delimiter_ = ',';
};

}  // namespace weir
