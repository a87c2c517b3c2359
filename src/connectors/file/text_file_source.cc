#include "weir/connectors/file/text_file_source.h"

#include "weir/connectors/file/file_split_reader.h"
#include "weir/connectors/file/text_line_format.h"

namespace weir {

Boundedness TextFileSource::boundedness() const {
  return discovery_.interval > Duration(0) ? Boundedness::kContinuousUnbounded : Boundedness::kBounded;
}

StatusOr<std::unique_ptr<SplitEnumerator<FileSplit, FileEnumeratorState>>> TextFileSource::CreateEnumerator(
    const FileEnumeratorState* restored) const {
  return std::make_unique<FileEnumerator>(discovery_, restored);
}

StatusOr<std::unique_ptr<SourceReader<std::string_view, FileSplit>>> TextFileSource::CreateReader(
    const RuntimeContext& context) const {
  return std::make_unique<FileSourceReader<std::string_view>>(context.file_system(),
                                                              std::make_unique<TextLineFormat>());
}

}  // namespace weir
