// The files of a snapshot: blocks of 64 KiB with a checksum each, so that any piece can be read and checked by itself (docs/formats/state_file.md).
//
//   WEIR_ASSIGN_OR_RETURN(auto stream, StateFileWriter::Create(files, path, StateScope::kExclusive));
//   WEIR_RETURN_IF_ERROR(stream->Append(bytes));
//   WEIR_ASSIGN_OR_RETURN(StateFile file, stream->Finish());          // synced; its directory is not
//   WEIR_ASSIGN_OR_RETURN(std::string back, ReadState(files, handle));
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/file/file_system.h"
#include "weir/base/hash.h"
#include "weir/base/status.h"
#include "weir/state/storage/checkpoint_metadata.h"

namespace weir {

// Writes one file of form kBlocks. One thread.
class StateFileWriter {
 public:
  // Fails if there is such a file: no two writers may have one name.
  static StatusOr<std::unique_ptr<StateFileWriter>> Create(FileSystem& files, const std::string& path,
                                                           StateScope scope);
  // Deletes the file, as well as it can, unless it is finished.
  ~StateFileWriter();
  StateFileWriter(const StateFileWriter&) = delete;
  StateFileWriter& operator=(const StateFileWriter&) = delete;

  // After an error only destruction is left.
  Status Append(std::string_view bytes);
  // Bytes appended so far: where the next ones will stand in the content.
  uint64_t length() const { return file_.length; }
  // Writes the rest, syncs and closes. The file may be named in an acknowledgement only when its directory is synced too.
  StatusOr<StateFile> Finish();

 private:
  StateFileWriter(FileSystem& files, std::unique_ptr<WritableFile> out, StateFile file);
  Status WriteBlock();

  FileSystem& files_;
  std::unique_ptr<WritableFile> out_;
  StateFile file_;
  std::string block_;  // content of the block that is being filled
  uint64_t blocks_ = 0;
  StreamingHash checksums_;
  bool finished_ = false;
};

// Reads pieces of one file of form kBlocks; every block is checked when it is read. Threads: any, but for ReadTo.
class StateFileReader {
 public:
  // kDataLoss names the file that is missing, or shorter or longer than it was written.
  static StatusOr<std::unique_ptr<StateFileReader>> Open(FileSystem& files, const StateFile& file);

  // Content [offset, offset + length), which must lie inside. kDataLoss names the file and the damaged block.
  StatusOr<std::string> Read(uint64_t offset, uint64_t length) const;
  // The same to memory of the caller; for pieces that follow each other, since blocks are read many at a time. One thread.
  Status ReadTo(uint64_t offset, uint64_t length, char* to);
  // Reads everything and checks the whole file's checksum too: that this is the file which the snapshot means.
  Status Verify() const;
  const StateFile& file() const { return file_; }

 private:
  StateFileReader(std::unique_ptr<ReadableFile> in, StateFile file) : in_(std::move(in)), file_(std::move(file)) {}
  // Block `number` with its checksum behind it.
  StatusOr<std::string> ReadBlock(uint64_t number) const;
  // Reads and checks the blocks from `number` on into `run_`.
  Status ReadRun(uint64_t number);
  uint64_t BytesOf(uint64_t number) const;  // of content
  // `block`: content, and its checksum behind it.
  Status CheckBlock(uint64_t number, std::span<char> block) const;

  std::unique_ptr<ReadableFile> in_;
  const StateFile file_;
  // Of ReadTo: blocks [first_, end_), as they are in the file.
  std::vector<char> run_;
  uint64_t first_ = 0;
  uint64_t end_ = 0;
};

// Bytes that a file of form kBlocks with so much content has on the disk.
uint64_t StateFileBytes(uint64_t length);

// All bytes of a handle, be they inline or in a file (of form kBlocks).
StatusOr<std::string> ReadState(FileSystem& files, const StreamStateHandle& handle);

// That the file is there and has its size; with `read_all`, that every byte of it is as it was written. The error names the file.
Status CheckStateFile(FileSystem& files, const StateFile& file, bool read_all);

}  // namespace weir
