#include "weir/connectors/file/part_file_sink.h"

namespace weir {

StatusOr<std::vector<std::string>> PartFileSinkWriter::PrepareEncodedCommit() {
  WEIR_ASSIGN_OR_RETURN(const std::vector<PendingPartFile> files, parts_->PrepareCommit());
  std::vector<std::string> encoded;
  for (const PendingPartFile& file : files) encoded.push_back(EncodeToString(file));
  return encoded;
}

Status PartFileSinkWriter::CommitEncoded(const std::vector<std::string>& committables) {
  std::vector<PendingPartFile> files(committables.size());
  for (size_t i = 0; i < files.size(); ++i) WEIR_RETURN_IF_ERROR(DecodeFrom(committables[i], files[i]));
  return parts_->Commit(files);
}

std::vector<std::string> PartFileSinkWriter::SnapshotState() { return {EncodeToString(parts_->Snapshot())}; }

Status PartFileSinkWriter::RestoreState(const std::vector<std::string>& states) {
  for (const std::string& encoded : states) {
    PartFileWriter::State state;
    WEIR_RETURN_IF_ERROR(DecodeFrom(encoded, state));
    WEIR_RETURN_IF_ERROR(parts_->Restore(state));
  }
  return OkStatus();
}

}  // namespace weir
