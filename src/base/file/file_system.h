// Files as the engine needs them: local ones, in memory for tests, and faulty ones; object stores will be another implementation.
//
// Errors name the operation and the path: "cannot open data/in.csv: No such file or directory" with kNotFound. Paths are plain ("/a/b", "a/b") or "file:" URIs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/status.h"
#include "weir/base/time.h"

namespace weir {

enum class FileType : uint8_t { kFile, kDirectory, kOther };

struct FileInfo {
  std::string path;
  FileType type = FileType::kFile;
  uint64_t size = 0;
  Timestamp modified{};

  bool IsFile() const { return type == FileType::kFile; }
  bool IsDirectory() const { return type == FileType::kDirectory; }
};

// A file opened for reading. Threads: ReadAt from any, several at once; Read from one. Closed by the destructor.
class ReadableFile {
 public:
  virtual ~ReadableFile() = default;

  // The next bytes; less than asked for at the end, 0 at it. A file that grows goes on after its end.
  virtual StatusOr<size_t> Read(std::span<char> into) = 0;
  // Bytes from `offset`; less only where the file ends. Does not move Read. Pipes and terminals refuse.
  virtual StatusOr<size_t> ReadAt(uint64_t offset, std::span<char> into) const = 0;
  // Where Read goes on.
  virtual Status Seek(uint64_t offset) = 0;
  // Size now.
  virtual StatusOr<uint64_t> Size() const = 0;
  virtual const std::string& path() const = 0;
};

// A file opened for writing at its end. One thread. After an error the file's content is unknown; close and delete it.
class WritableFile {
 public:
  // Closes; an error is lost, so call Close where it matters.
  virtual ~WritableFile() = default;

  virtual Status Append(std::string_view bytes) = 0;
  // Until it returns OK a crash of the machine may take away any of the content.
  virtual Status Sync() = 0;
  virtual Status Close() = 0;
  // Bytes in the file, those from before included.
  virtual uint64_t size() const = 0;
  virtual const std::string& path() const = 0;
};

enum class WriteMode : uint8_t {
  kCreate,    // kAlreadyExists when there is a file
  kTruncate,  // an empty file, whatever was there
  kAppend,    // what is there stays
};

// Threads: any, several at once.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  virtual StatusOr<std::unique_ptr<ReadableFile>> OpenForRead(const std::string& path) = 0;
  virtual StatusOr<std::unique_ptr<WritableFile>> OpenForWrite(const std::string& path, WriteMode mode) = 0;

  // Replaces a file that is at `to`. Atomic within one file system.
  virtual Status Rename(const std::string& from, const std::string& to) = 0;
  // A file or an empty directory. kNotFound when there is none.
  virtual Status Delete(const std::string& path) = 0;
  // With all that is in it. OK when there is none.
  virtual Status DeleteRecursively(const std::string& path) = 0;
  // With its parents. OK when it is there.
  virtual Status CreateDirectories(const std::string& path) = 0;

  // What is in a directory, sorted by path; not what is below that. Entries that vanish meanwhile are left out.
  virtual StatusOr<std::vector<FileInfo>> List(const std::string& directory) = 0;
  // Follows links.
  virtual StatusOr<FileInfo> Stat(const std::string& path) = 0;
  // Makes creations, renames and deletions in a directory survive a crash of the machine.
  virtual Status SyncDirectory(const std::string& directory) = 0;
  // Lets everybody who may read the file run it.
  virtual Status MakeExecutable(const std::string& path) = 0;

  // kNotFound becomes false; other errors stay.
  StatusOr<bool> Exists(const std::string& path);
};

// The machine's files. Buffers nothing: write in pieces of some KiB.
class LocalFileSystem final : public FileSystem {
 public:
  StatusOr<std::unique_ptr<ReadableFile>> OpenForRead(const std::string& path) override;
  StatusOr<std::unique_ptr<WritableFile>> OpenForWrite(const std::string& path, WriteMode mode) override;
  Status Rename(const std::string& from, const std::string& to) override;
  Status Delete(const std::string& path) override;
  Status DeleteRecursively(const std::string& path) override;
  Status CreateDirectories(const std::string& path) override;
  StatusOr<std::vector<FileInfo>> List(const std::string& directory) override;
  StatusOr<FileInfo> Stat(const std::string& path) override;
  Status SyncDirectory(const std::string& directory) override;
  Status MakeExecutable(const std::string& path) override;
};

}  // namespace weir
