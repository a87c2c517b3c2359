// Reads CSV files as records of any aggregate type.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "weir/connectors/file/csv_format.h"
#include "weir/connectors/file/file_enumerator.h"
#include "weir/connectors/file/file_split.h"
#include "weir/connectors/file/file_split_reader.h"
#include "weir/functions/output_tag.h"
#include "weir/functions/source.h"

namespace weir {

// `path`: a file, a folder or a glob; names ending in .gz and .zst are unpacked. The header's names say which column goes to which field: the order is
// free, further columns are ignored, a missing one fails the job. Quoting as in RFC 4180. Text fields that are views point into the file's block, which
// the batch owns.
//
//   struct Flight { int64_t id; weir::Timestamp departure; int32_t delay; std::string_view origin; };
//   env.FromSource(weir::CsvFileSource<Flight>("flights.csv"), watermarks, "flights");
template <class T>
class CsvFileSource : public Source<T> {
 public:
  using Split = FileSplit;
  using EnumeratorState = FileEnumeratorState;

  explicit CsvFileSource(std::string path) : discovery_{.path = std::move(path)} {}

  CsvFileSource& Delimiter(char delimiter) {
    options_.delimiter = delimiter;
    return *this;
  }
  // Without header, the fields are the first columns, in order of declaration.
  CsvFileSource& WithHeader(bool header) {
    options_.header = header;
    return *this;
  }
  // Promises that no cell contains a line end, so that large files may be read in parallel.
  CsvFileSource& Splittable(int64_t split_bytes = int64_t{64} << 20) {
    discovery_.split_bytes = split_bytes;
    return *this;
  }
  // What becomes of rows that are no T: the job fails (default), or they are left out and counted.
  CsvFileSource& OnBadRecord(BadRecord policy) {
    options_.bad_record = policy;
    return *this;
  }
  // They are left out, counted, and are what flights.GetSideOutput(tag) gives.
  CsvFileSource& OnBadRecord(BadRecord policy, const OutputTag<MalformedRecord>& tag) {
    options_.side_output = tag.name;
    return OnBadRecord(policy);
  }
  // Looks for new files each `interval`; the source never ends. Files must appear complete (by rename).
  CsvFileSource& MonitorContinuously(Duration interval) {
    discovery_.interval = interval;
    return *this;
  }

  Boundedness boundedness() const {
    return discovery_.interval > Duration(0) ? Boundedness::kContinuousUnbounded : Boundedness::kBounded;
  }
  StatusOr<std::unique_ptr<SplitEnumerator<FileSplit, FileEnumeratorState>>> CreateEnumerator(
      const FileEnumeratorState* restored) const {
    return std::make_unique<FileEnumerator>(discovery_, restored);
  }
  StatusOr<std::unique_ptr<SourceReader<T, FileSplit>>> CreateReader(const RuntimeContext& context) const {
    return std::make_unique<FileSourceReader<T>>(context.file_system(),
                                                 std::make_unique<CsvFormat>(CsvRecordTypeOf<T>(), options_));
  }

 private:
  FileDiscovery discovery_;
  CsvOptions options_;
};

}  // namespace weir
