// Reads splits of files one after the other: what all file sources' readers have in common.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "weir/base/status.h"
#include "weir/connectors/file/file_cursor.h"
#include "weir/connectors/file/file_format.h"
#include "weir/connectors/file/file_split.h"
#include "weir/functions/source.h"

namespace weir {

// Threads: the task's thread. Reads files there: a block is a copy out of the system's cache, and far below what a step may take.
class FileSplitReader {
 public:
  // `file_system` must outlive the reader.
  FileSplitReader(FileSystem& file_system, std::unique_ptr<FileFormat> format,
                  uint32_t block_bytes = BlockReader::kDefaultBlockBytes);

  // As SourceReader's methods of these names.
  void BindSideOutputs(const std::vector<std::string>& tags, BatchOutput* const* outputs) {
    format_->BindSideOutputs(tags, outputs);
  }
  ReadResult Read(BatchBase& into, Budget budget);
  Status AddSplits(std::vector<FileSplit> splits);
  void NoMoreSplits() { no_more_splits_ = true; }
  std::vector<FileSplit> Snapshot() const;
  bool WantsSplit() const { return cursor_ == nullptr && waiting_.empty() && !no_more_splits_; }
  SourceProgress progress() const;
  std::string Position() const;
  Status Close();

 private:
  Status OpenNextSplit();
  // Fills `into` from the open split until it is full, enough bytes are read, or the split ends.
  Status ReadSplit(BatchBase& into, uint32_t rows);
  void CloseSplit();

  FileSystem& file_system_;
  const std::unique_ptr<FileFormat> format_;
  const uint32_t block_bytes_;
  std::deque<FileSplit> waiting_;
  std::unique_ptr<FileCursor> cursor_;
  FileSplit last_split_;  // the one that was read before; for Position
  uint32_t split_number_ = 0;
  // Where the rows of the last Read began; for Position.
  int64_t batch_line_ = 0;
  bool no_more_splits_ = false;
  int64_t bytes_read_ = 0;   // of the splits that are finished
  int64_t bytes_total_ = 0;  // of all splits ever added; -1: unknown
};

// The reader of a file source of records of type T: FileSplitReader with the record type put on.
template <class T>
class FileSourceReader final : public SourceReader<T, FileSplit> {
 public:
  FileSourceReader(FileSystem& file_system, std::unique_ptr<FileFormat> format,
                   uint32_t block_bytes = BlockReader::kDefaultBlockBytes)
      : reader_(file_system, std::move(format), block_bytes) {}

  void BindSideOutputs(const std::vector<std::string>& tags, BatchOutput* const* outputs) override {
    reader_.BindSideOutputs(tags, outputs);
  }
  ReadResult Read(Batch<T>& into, Budget budget) override { return reader_.Read(into, budget); }
  Status AddSplits(std::vector<FileSplit> splits) override { return reader_.AddSplits(std::move(splits)); }
  std::vector<FileSplit> Snapshot() override { return reader_.Snapshot(); }
  void NoMoreSplits() override { reader_.NoMoreSplits(); }
  bool WantsSplit() const override { return reader_.WantsSplit(); }
  SourceProgress progress() const override { return reader_.progress(); }
  std::string Position() const override { return reader_.Position(); }
  Status Close() override { return reader_.Close(); }

 private:
  FileSplitReader reader_;
};

}  // namespace weir
