#include "weir/state/storage/state_file.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "weir/base/check.h"
#include "weir/base/coding.h"
#include "weir/base/file/file_contents.h"

namespace weir {

namespace {

constexpr std::string_view kMagic = "WEIRSTAT";
constexpr uint32_t kVersion = 1;
constexpr uint64_t kHeadBytes = 16;          // magic, version, zero
constexpr uint64_t kBlockBytes = 64 * 1024;  // of content: a piece that is read for little costs no more than this
constexpr uint64_t kChecksumBytes = 8;
constexpr uint64_t kBlocksAtATime = 8;     // that ReadTo reads: what is read stays in the cache until it is copied
constexpr size_t kRawPiece = 1024 * 1024;  // read at a time when a raw file is checked

std::string Head() {
  ByteWriter head;
  head.PutBytes(kMagic);
  head.PutU32(kVersion);
  head.PutU32(0);
  return std::move(head).Take();
}

uint64_t BlocksOf(uint64_t length) { return (length + kBlockBytes - 1) / kBlockBytes; }

// The number goes in, so that a block in another's place is noticed.
uint64_t BlockChecksum(std::string& block, uint64_t number) {
  const size_t size = block.size();
  block.resize(size + sizeof(number));
  StoreLittleEndian(block.data() + size, number);
  const uint64_t checksum = HashBytes(block);
  block.resize(size);
  return checksum;
}

Status Damaged(const std::string& path, std::string_view what) {
  return DataLossError("snapshot file " + path + ": " + std::string(what) +
                       ". Restore from another checkpoint or savepoint, or put a copy of the file back");
}

Status CheckSize(const StateFile& file, uint64_t size) {
  const uint64_t expected = file.form == StateFileForm::kBlocks ? StateFileBytes(file.length) : file.length;
  if (size == expected) return OkStatus();
  return Damaged(file.path, "it has " + std::to_string(size) + " bytes and should have " + std::to_string(expected) +
                                (size < expected ? ": it is cut short" : ": it is another file"));
}

Status Missing(const StateFile& file, const Status& cause) {
  if (cause.code() != StatusCode::kNotFound) return cause;
  return DataLossError("snapshot file " + file.path +
                       " is missing. Restore from another checkpoint or savepoint, or put a copy of the file back; a "
                       "snapshot that was moved needs its whole folder");
}

Status VerifyRaw(const ReadableFile& in, const StateFile& file) {
  if (file.checksum == 0) return OkStatus();
  StreamingHash hash;
  for (uint64_t offset = 0; offset < file.length;) {
    const size_t piece = std::min<uint64_t>(kRawPiece, file.length - offset);
    WEIR_ASSIGN_OR_RETURN(const std::string bytes, ReadExactly(in, offset, piece));
    hash.Update(bytes);
    offset += piece;
  }
  return hash.Digest() == file.checksum ? OkStatus() : Damaged(file.path, "its checksum is wrong");
}

}  // namespace

uint64_t StateFileBytes(uint64_t length) { return kHeadBytes + length + BlocksOf(length) * kChecksumBytes; }

StateFileWriter::StateFileWriter(FileSystem& files, std::unique_ptr<WritableFile> out, StateFile file)
    : files_(files), out_(std::move(out)), file_(std::move(file)) {}

StatusOr<std::unique_ptr<StateFileWriter>> StateFileWriter::Create(FileSystem& files, const std::string& path,
                                                                   StateScope scope) {
  WEIR_ASSIGN_OR_RETURN(std::unique_ptr<WritableFile> out, files.OpenForWrite(path, WriteMode::kCreate));
  std::unique_ptr<StateFileWriter> writer(new StateFileWriter(files, std::move(out), {.path = path, .scope = scope}));
  WEIR_RETURN_IF_ERROR(writer->out_->Append(Head()));
  return writer;
}

StateFileWriter::~StateFileWriter() {
  if (finished_) return;
  out_.reset();
  files_.Delete(file_.path).ok();  // what stays behind is swept with its snapshot's folder
}

Status StateFileWriter::Append(std::string_view bytes) {
  file_.length += bytes.size();
  while (!bytes.empty()) {
    const size_t piece = std::min<uint64_t>(kBlockBytes - block_.size(), bytes.size());
    block_.append(bytes.substr(0, piece));
    bytes.remove_prefix(piece);
    if (block_.size() == kBlockBytes) WEIR_RETURN_IF_ERROR(WriteBlock());
  }
  return OkStatus();
}

Status StateFileWriter::WriteBlock() {
  const uint64_t checksum = BlockChecksum(block_, blocks_++);
  const size_t size = block_.size();
  block_.resize(size + kChecksumBytes);
  StoreLittleEndian(block_.data() + size, checksum);
  checksums_.Update(std::string_view(block_).substr(size));
  const Status status = out_->Append(block_);
  block_.clear();
  return status;
}

StatusOr<StateFile> StateFileWriter::Finish() {
  if (!block_.empty()) WEIR_RETURN_IF_ERROR(WriteBlock());
  WEIR_RETURN_IF_ERROR(out_->Sync());
  WEIR_RETURN_IF_ERROR(out_->Close());
  file_.checksum = checksums_.Digest();
  finished_ = true;
  return file_;
}

StatusOr<std::unique_ptr<StateFileReader>> StateFileReader::Open(FileSystem& files, const StateFile& file) {
  WEIR_CHECK(file.form == StateFileForm::kBlocks) << file.path << " is a file of a state backend's own form";
  StatusOr<std::unique_ptr<ReadableFile>> in = files.OpenForRead(file.path);
  if (!in.ok()) return Missing(file, in.status());
  WEIR_ASSIGN_OR_RETURN(const uint64_t size, (*in)->Size());
  WEIR_RETURN_IF_ERROR(CheckSize(file, size));
  WEIR_ASSIGN_OR_RETURN(const std::string head, ReadExactly(**in, 0, kHeadBytes));
  ByteReader reader(head, file.path);
  if (reader.GetBytes(kMagic.size()) != kMagic) return Damaged(file.path, "it does not begin as such a file does");
  if (const uint32_t version = reader.GetU32(); version != kVersion) {
    return FailedPreconditionError("snapshot file " + file.path + " has format version " + std::to_string(version) +
                                   "; this build reads version " + std::to_string(kVersion) +
                                   ". Use the version of Weir that wrote it, or a newer one");
  }
  if (reader.GetU32() != 0) return Damaged(file.path, "it does not begin as such a file does");
  return std::unique_ptr<StateFileReader>(new StateFileReader(std::move(*in), file));
}

uint64_t StateFileReader::BytesOf(uint64_t number) const {
  return std::min(kBlockBytes, file_.length - number * kBlockBytes);
}

Status StateFileReader::CheckBlock(uint64_t number, std::span<char> block) const {
  // The checksum is over the content and the number, which takes the checksum's place for as long as that is computed.
  char* const behind = block.data() + block.size() - kChecksumBytes;
  const uint64_t stored = LoadLittleEndian<uint64_t>(behind);
  StoreLittleEndian(behind, number);
  const bool is_whole = HashBytes({block.data(), block.size()}) == stored;
  StoreLittleEndian(behind, stored);
  if (is_whole) return OkStatus();
  return Damaged(file_.path, "block " + std::to_string(number) + ", at byte " +
                                 std::to_string(kHeadBytes + number * (kBlockBytes + kChecksumBytes)) +
                                 ", has a wrong checksum: it is damaged");
}

StatusOr<std::string> StateFileReader::ReadBlock(uint64_t number) const {
  WEIR_ASSIGN_OR_RETURN(std::string bytes, ReadExactly(*in_, kHeadBytes + number * (kBlockBytes + kChecksumBytes),
                                                       BytesOf(number) + kChecksumBytes));
  WEIR_RETURN_IF_ERROR(CheckBlock(number, bytes));
  return bytes;
}

Status StateFileReader::ReadRun(uint64_t number) {
  const uint64_t begin = kHeadBytes + number * (kBlockBytes + kChecksumBytes);
  const uint64_t left = StateFileBytes(file_.length) - begin;
  run_.resize(std::min(left, kBlocksAtATime * (kBlockBytes + kChecksumBytes)));
  first_ = end_ = number;
  for (size_t there = 0; there < run_.size();) {
    WEIR_ASSIGN_OR_RETURN(const size_t read, in_->ReadAt(begin + there, std::span<char>(run_).subspan(there)));
    if (read == 0) return Damaged(file_.path, "it has become shorter");
    there += read;
  }
  for (size_t at = 0; at < run_.size(); ++end_) {
    const size_t size = BytesOf(end_) + kChecksumBytes;
    WEIR_RETURN_IF_ERROR(CheckBlock(end_, std::span<char>(run_).subspan(at, size)));
    at += size;
  }
  return OkStatus();
}

Status StateFileReader::ReadTo(uint64_t offset, uint64_t length, char* to) {
  WEIR_CHECK(offset <= file_.length && length <= file_.length - offset) << file_.path;
  while (length > 0) {
    const uint64_t number = offset / kBlockBytes;
    if (number < first_ || number >= end_) WEIR_RETURN_IF_ERROR(ReadRun(number));
    const uint64_t inside = offset % kBlockBytes;
    const uint64_t piece = std::min(length, BytesOf(number) - inside);
    std::memcpy(to, run_.data() + (number - first_) * (kBlockBytes + kChecksumBytes) + inside, piece);
    to += piece;
    offset += piece;
    length -= piece;
  }
  return OkStatus();
}

StatusOr<std::string> StateFileReader::Read(uint64_t offset, uint64_t length) const {
  WEIR_CHECK(offset <= file_.length && length <= file_.length - offset) << file_.path;
  std::string bytes;
  bytes.reserve(length);
  while (bytes.size() < length) {
    const uint64_t at = offset + bytes.size();
    WEIR_ASSIGN_OR_RETURN(const std::string block, ReadBlock(at / kBlockBytes));
    const std::string_view content(block.data(), block.size() - kChecksumBytes);
    bytes.append(content.substr(at % kBlockBytes, length - bytes.size()));
  }
  return bytes;
}

Status StateFileReader::Verify() const {
  StreamingHash checksums;
  for (uint64_t number = 0; number < BlocksOf(file_.length); ++number) {
    WEIR_ASSIGN_OR_RETURN(const std::string block, ReadBlock(number));
    checksums.Update(std::string_view(block).substr(block.size() - kChecksumBytes));
  }
  return checksums.Digest() == file_.checksum ? OkStatus()
                                              : Damaged(file_.path, "its content is not what the snapshot wrote");
}

StatusOr<std::string> ReadState(FileSystem& files, const StreamStateHandle& handle) {
  if (handle.is_inline()) return handle.inline_bytes;
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<StateFileReader> reader, StateFileReader::Open(files, handle.file));
  return reader->Read(handle.offset, handle.length);
}

Status CheckStateFile(FileSystem& files, const StateFile& file, bool read_all) {
  StatusOr<FileInfo> info = files.Stat(file.path);
  if (!info.ok()) return Missing(file, info.status());
  WEIR_RETURN_IF_ERROR(CheckSize(file, info->size));
  if (!read_all) return OkStatus();
  if (file.form == StateFileForm::kBlocks) {
    WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<StateFileReader> reader, StateFileReader::Open(files, file));
    return reader->Verify();
  }
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<ReadableFile> in, files.OpenForRead(file.path));
  return VerifyRaw(*in, file);
}

}  // namespace weir
