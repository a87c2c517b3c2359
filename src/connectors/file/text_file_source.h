// Reads text files, one record per line.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "weir/connectors/file/file_enumerator.h"
#include "weir/connectors/file/file_split.h"
#include "weir/functions/source.h"

namespace weir {

// `path`: a file, a folder or a glob; names ending in .gz and .zst are unpacked. Records are the lines without their ends (\n or \r\n); the batch that
// carries them owns their bytes. Plain files are read in parallel, in splits that end at line ends.
//
//   env.FromSource(weir::TextFileSource("logs/*.txt"), weir::WatermarkStrategy<std::string_view>::None(), "logs");
class TextFileSource : public Source<std::string_view> {
 public:
  using Split = FileSplit;
  using EnumeratorState = FileEnumeratorState;

  explicit TextFileSource(std::string path) : discovery_{.path = std::move(path), .split_bytes = kSplitBytes} {}

  // Looks for new files each `interval`; the source never ends. Files must appear complete (by rename).
  TextFileSource& MonitorContinuously(Duration interval) {
    discovery_.interval = interval;
    return *this;
  }
  // Cuts files into splits of about `bytes` (default 64 MiB); 0: never.
  TextFileSource& SplitBytes(int64_t bytes) {
    discovery_.split_bytes = bytes;
    return *this;
  }

  Boundedness boundedness() const;
  StatusOr<std::unique_ptr<SplitEnumerator<FileSplit, FileEnumeratorState>>> CreateEnumerator(
      const FileEnumeratorState* restored) const;
  StatusOr<std::unique_ptr<SourceReader<std::string_view, FileSplit>>> CreateReader(
      const RuntimeContext& context) const;

 private:
  static constexpr int64_t kSplitBytes = int64_t{64} << 20;

  FileDiscovery discovery_;
};

}  // namespace weir
