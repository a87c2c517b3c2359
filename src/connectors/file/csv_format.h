// CSV files: one record per row, fields found by the header's names.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "weir/connectors/file/bad_record.h"
#include "weir/connectors/file/csv_field.h"
#include "weir/connectors/file/csv_scanner.h"
#include "weir/connectors/file/file_format.h"
#include "weir/functions/collector.h"

namespace weir {

struct CsvOptions {
  char delimiter = ',';
  // The first row names the columns. Otherwise the fields are the first columns, in order of declaration.
  bool header = true;
  BadRecord bad_record = BadRecord::kFail;
  // Tag of the side output for bad records.
  std::string side_output = "bad-records";
};

class CsvFormat final : public FileFormat {
 public:
  CsvFormat(CsvRecordType type, CsvOptions options);

  void BindSideOutputs(const std::vector<std::string>& tags, BatchOutput* const* outputs) override;

  // Reads the header, even if the split begins behind it.
  Status BeginSplit(FileSystem& file_system, FileCursor& cursor) override;
  Status ReadRows(FileCursor& cursor, uint32_t max_rows, BatchBase& into) override;
  int64_t bad_records() const override { return bad_records_; }

 private:
  // Reads the first row that `cursor` is at and consumes it if it is the header.
  Status ReadHeader(FileCursor& cursor);
  // Finds the column of each field; `place` names the file in messages.
  Status BindColumns(const std::string& place, const std::string_view* names, uint32_t count);
  Status MissingColumn(const std::string& place, const CsvField& field, const std::string_view* names,
                       uint32_t count) const;
  // Parses the scanner's rows into the rows of `into` from into.size on; marks bad ones in bad_fields_.
  bool ParseRows(BatchBase& into);
  void MarkFlaws();
  // Deals with the rows marked bad as the options say: an error, or the other rows are selected.
  Status HandleBadRows(FileCursor& cursor, BatchBase& into);
  // What is wrong with the row.
  MalformedRecord Describe(FileCursor& cursor, uint32_t row) const;

  const CsvRecordType type_;
  const CsvOptions options_;
  Collector<MalformedRecord> side_output_;  // bound if bad records go there and somebody reads them
  CsvScanner scanner_;
  std::vector<uint32_t> columns_;  // of each field
  std::vector<int32_t>
      bad_fields_;  // per row of the scan: kGood, kBadShape, or the first field that could not be parsed
  int64_t bad_records_ = 0;
};

}  // namespace weir
