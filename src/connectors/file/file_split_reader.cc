#include "weir/connectors/file/file_split_reader.h"

#include <algorithm>
#include <utility>

namespace weir {

FileSplitReader::FileSplitReader(FileSystem& file_system, std::unique_ptr<FileFormat> format, uint32_t block_bytes)
    : file_system_(file_system), format_(std::move(format)), block_bytes_(block_bytes) {}

Status FileSplitReader::AddSplits(std::vector<FileSplit> splits) {
  for (FileSplit& split : splits) {
    const bool known = split.file_bytes >= 0 && bytes_total_ >= 0;
    bytes_total_ = known ? bytes_total_ + split.file_bytes : -1;
    waiting_.push_back(std::move(split));
  }
  return OkStatus();
}

ReadResult FileSplitReader::Read(BatchBase& into, Budget budget) {
  if (cursor_ == nullptr) {
    if (waiting_.empty()) return no_more_splits_ ? ReadResult::End() : ReadResult::Idle();
    if (Status status = OpenNextSplit(); !status.ok()) return ReadResult::Error(std::move(status));
  }
  batch_line_ = cursor_->split().lines;
  if (Status status = ReadSplit(into, std::min(budget.rows, into.capacity)); !status.ok()) {
    return ReadResult::Error(std::move(status));
  }
  ReadResult result = ReadResult::Progress(split_number_);
  if (cursor_->finished()) {
    result.split_finished = true;
    CloseSplit();
  }
  return result;
}

Status FileSplitReader::OpenNextSplit() {
  FileSplit split = std::move(waiting_.front());
  waiting_.pop_front();
  ++split_number_;
  WEIR_ASSIGN_OR_RETURN(cursor_, FileCursor::Open(file_system_, std::move(split), block_bytes_));
  return format_->BeginSplit(file_system_, *cursor_);
}

Status FileSplitReader::ReadSplit(BatchBase& into, uint32_t rows) {
  const int64_t begin = cursor_->split().position;
  // A batch of long records ends early, so that it does not hold many blocks.
  while (into.size < rows && cursor_->split().position - begin < kMaxBatchBytes && !cursor_->finished()) {
    const int64_t before = cursor_->split().position;
    const uint32_t rows_before = into.size;
    if (cursor_->begin() < cursor_->stop()) {
      WEIR_RETURN_IF_ERROR(format_->ReadRows(*cursor_, rows - into.size, into));
      if (into.size > rows_before && into.type->has_views) into.AddOwner(cursor_->block());
    }
    if (cursor_->split().position == before) WEIR_RETURN_IF_ERROR(cursor_->Fill());
  }
  return OkStatus();
}

void FileSplitReader::CloseSplit() {
  bytes_read_ += cursor_->file_bytes_read();
  last_split_ = cursor_->split();
  cursor_.reset();
}

std::vector<FileSplit> FileSplitReader::Snapshot() const {
  std::vector<FileSplit> splits;
  if (cursor_ != nullptr) splits.push_back(cursor_->split());
  splits.insert(splits.end(), waiting_.begin(), waiting_.end());
  return splits;
}

SourceProgress FileSplitReader::progress() const {
  const int64_t current = cursor_ != nullptr ? cursor_->file_bytes_read() : 0;
  return {.bytes_read = bytes_read_ + current, .bytes_total = bytes_total_, .bad_records = format_->bad_records()};
}

std::string FileSplitReader::Position() const {
  const FileSplit& split = cursor_ != nullptr ? cursor_->split() : last_split_;
  if (split.path.empty()) return {};
  if (split.lines < 0 || batch_line_ < 0) return split.path + ", before byte " + std::to_string(split.position);
  if (split.lines <= batch_line_ + 1) return split.path + ":" + std::to_string(split.lines);
  return split.path + ", lines " + std::to_string(batch_line_ + 1) + " to " + std::to_string(split.lines);
}

Status FileSplitReader::Close() {
  cursor_.reset();
  waiting_.clear();
  return OkStatus();
}

}  // namespace weir
