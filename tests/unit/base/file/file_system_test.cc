// The contract of FileSystem, shown on the local one and the one in memory.
#include "weir/base/file/file_system.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <memory>
#include <string>
#include <vector>

#include "weir/base/file/file_contents.h"
#include "weir/base/file/file_path.h"
#include "weir/base/file/in_memory_file_system.h"

namespace weir {
namespace {

struct LocalFiles {
  LocalFiles() {
    std::string pattern = testing::TempDir() + "weir_files_XXXXXX";
    root = mkdtemp(pattern.data());
  }
  ~LocalFiles() { EXPECT_TRUE(files.DeleteRecursively(root).ok()); }
  LocalFileSystem files;
  std::string root;
};

struct MemoryFiles {
  MemoryFiles() { EXPECT_TRUE(files.CreateDirectories(root).ok()); }
  InMemoryFileSystem files;
  std::string root = "/tmp/test";
};

template <class Files>
class FileSystemTest : public testing::Test {
 protected:
  std::string Path(const std::string& name) const { return JoinPath(place_.root, name); }
  void Write(const std::string& name, const std::string& content, WriteMode mode = WriteMode::kTruncate) {
    StatusOr<std::unique_ptr<WritableFile>> file = files_.OpenForWrite(Path(name), mode);
    ASSERT_TRUE(file.ok()) << file.status().ToString();
    ASSERT_TRUE((*file)->Append(content).ok());
    ASSERT_TRUE((*file)->Close().ok());
  }
  std::string Read(const std::string& name) {
    const StatusOr<std::string> content = ReadWholeFile(files_, Path(name));
    return content.ok() ? *content : content.status().ToString();
  }
  std::vector<std::string> Names(const std::string& directory) {
    std::vector<std::string> names;
    const StatusOr<std::vector<FileInfo>> entries = files_.List(Path(directory));
    if (!entries.ok()) return {entries.status().ToString()};
    for (const FileInfo& entry : *entries) names.push_back(entry.path.substr(place_.root.size() + 1));
    return names;
  }

  Files place_;
  FileSystem& files_ = place_.files;
};

using Places = testing::Types<LocalFiles, MemoryFiles>;
TYPED_TEST_SUITE(FileSystemTest, Places);

TYPED_TEST(FileSystemTest, WritesAndReadsBack) {
  this->Write("a.txt", "hello");
  EXPECT_EQ(this->Read("a.txt"), "hello");
  EXPECT_EQ(this->files_.Stat(this->Path("a.txt"))->size, 5u);
  EXPECT_TRUE(this->files_.Stat(this->Path("a.txt"))->IsFile());
  EXPECT_TRUE(this->files_.Stat(this->Path(""))->IsDirectory());
}

TYPED_TEST(FileSystemTest, ModesDifferInWhatHappensToTheOldContent) {
  this->Write("a", "one", WriteMode::kCreate);
  this->Write("a", "two", WriteMode::kAppend);
  EXPECT_EQ(this->Read("a"), "onetwo");
  EXPECT_EQ((*this->files_.OpenForWrite(this->Path("a"), WriteMode::kAppend))->size(), 6u);
  EXPECT_EQ(this->files_.OpenForWrite(this->Path("a"), WriteMode::kCreate).status().code(), StatusCode::kAlreadyExists);
  this->Write("a", "3", WriteMode::kTruncate);
  EXPECT_EQ(this->Read("a"), "3");
}

TYPED_TEST(FileSystemTest, MissingFileIsNamedInTheError) {
  const Status status = this->files_.OpenForRead(this->Path("no/such")).status();
  EXPECT_EQ(status.code(), StatusCode::kNotFound);
  EXPECT_EQ(status.message(), "cannot open " + this->Path("no/such") + ": No such file or directory");
  EXPECT_FALSE(*this->files_.Exists(this->Path("no/such")));
  EXPECT_EQ(this->files_.OpenForWrite(this->Path("no/such"), WriteMode::kCreate).status().code(),
            StatusCode::kNotFound);
}

TYPED_TEST(FileSystemTest, DirectoryIsNoFile) {
  EXPECT_EQ(this->files_.OpenForRead(this->Path("")).status().code(), StatusCode::kFailedPrecondition);
  this->Write("file", "x");
  EXPECT_EQ(this->files_.CreateDirectories(this->Path("file/below")).code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(this->files_.List(this->Path("file")).status().code(), StatusCode::kFailedPrecondition);
}

TYPED_TEST(FileSystemTest, ReadAtStopsAtTheEndAndLeavesThePosition) {
  this->Write("a", "0123456789");
  const std::unique_ptr<ReadableFile> file = *this->files_.OpenForRead(this->Path("a"));
  char buffer[8];
  EXPECT_EQ(*file->Read(std::span(buffer, 2)), 2u);
  EXPECT_EQ(*file->ReadAt(7, buffer), 3u);
  EXPECT_EQ(std::string(buffer, 3), "789");
  EXPECT_EQ(*file->ReadAt(10, buffer), 0u);
  EXPECT_EQ(*file->ReadAt(99, buffer), 0u);
  EXPECT_EQ(*file->Read(std::span(buffer, 2)), 2u);
  EXPECT_EQ(std::string(buffer, 2), "23");
  ASSERT_TRUE(file->Seek(9).ok());
  EXPECT_EQ(*file->Read(buffer), 1u);
  EXPECT_EQ(*file->Read(buffer), 0u);
}

TYPED_TEST(FileSystemTest, ReaderFollowsAFileThatGrows) {
  this->Write("a", "1");
  const std::unique_ptr<ReadableFile> file = *this->files_.OpenForRead(this->Path("a"));
  char buffer[8];
  EXPECT_EQ(*file->Read(buffer), 1u);
  EXPECT_EQ(*file->Read(buffer), 0u);
  this->Write("a", "23", WriteMode::kAppend);
  EXPECT_EQ(*file->Read(buffer), 2u);
  EXPECT_EQ(*file->Size(), 3u);
}

TYPED_TEST(FileSystemTest, RenameReplacesAndOpenFilesGoOn) {
  this->Write("from", "new");
  this->Write("to", "old");
  const std::unique_ptr<ReadableFile> old = *this->files_.OpenForRead(this->Path("to"));
  ASSERT_TRUE(this->files_.Rename(this->Path("from"), this->Path("to")).ok());
  EXPECT_EQ(this->Read("to"), "new");
  EXPECT_FALSE(*this->files_.Exists(this->Path("from")));
  char buffer[3];
  EXPECT_EQ(*old->Read(buffer), 3u);
  EXPECT_EQ(std::string(buffer, 3), "old");
  EXPECT_EQ(this->files_.Rename(this->Path("from"), this->Path("to")).code(), StatusCode::kNotFound);
}

TYPED_TEST(FileSystemTest, DirectoriesMoveWithTheirContent) {
  ASSERT_TRUE(this->files_.CreateDirectories(this->Path("a/b")).ok());
  this->Write("a/b/f", "x");
  ASSERT_TRUE(this->files_.Rename(this->Path("a"), this->Path("c")).ok());
  EXPECT_EQ(this->Read("c/b/f"), "x");
  EXPECT_EQ(this->files_.Rename(this->Path("c"), this->Path("c/b/d")).code(), StatusCode::kInvalidArgument);
}

TYPED_TEST(FileSystemTest, ListsOneLevelSorted) {
  ASSERT_TRUE(this->files_.CreateDirectories(this->Path("d/sub")).ok());
  ASSERT_TRUE(this->files_.CreateDirectories(this->Path("d/sub")).ok()) << "again is fine";
  this->Write("d/b", "");
  this->Write("d/a", "");
  this->Write("d/sub/deep", "");
  EXPECT_EQ(this->Names("d"), (std::vector<std::string>{"d/a", "d/b", "d/sub"}));
  EXPECT_EQ(this->files_.List(this->Path("nothing")).status().code(), StatusCode::kNotFound);
}

TYPED_TEST(FileSystemTest, DeletesFilesAndEmptyDirectories) {
  ASSERT_TRUE(this->files_.CreateDirectories(this->Path("d/e")).ok());
  this->Write("d/f", "");
  EXPECT_EQ(this->files_.Delete(this->Path("d")).code(), StatusCode::kFailedPrecondition);
  EXPECT_TRUE(this->files_.Delete(this->Path("d/f")).ok());
  EXPECT_EQ(this->files_.Delete(this->Path("d/f")).code(), StatusCode::kNotFound);
  EXPECT_TRUE(this->files_.Delete(this->Path("d/e")).ok());
  this->Write("d/g", "");
  EXPECT_TRUE(this->files_.DeleteRecursively(this->Path("d")).ok());
  EXPECT_TRUE(this->files_.DeleteRecursively(this->Path("d")).ok()) << "gone is gone";
  EXPECT_EQ(this->Names(""), std::vector<std::string>{});
}

TYPED_TEST(FileSystemTest, ClosedFileRefusesToBeWritten) {
  const std::unique_ptr<WritableFile> file = *this->files_.OpenForWrite(this->Path("a"), WriteMode::kCreate);
  EXPECT_TRUE(file->Append("x").ok());
  EXPECT_TRUE(file->Sync().ok());
  EXPECT_TRUE(file->Close().ok());
  EXPECT_TRUE(file->Close().ok());
  EXPECT_EQ(file->Append("y").code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(file->size(), 1u);
}

TYPED_TEST(FileSystemTest, TakesFileUris) {
  this->Write("a", "x");
  EXPECT_EQ(*ReadWholeFile(this->files_, "file://" + this->Path("a")), "x");
  EXPECT_EQ(this->files_.OpenForRead("s3://bucket/a").status().code(), StatusCode::kInvalidArgument);
}

TYPED_TEST(FileSystemTest, AtomicWriteReplacesAndLeavesNothingElse) {
  ASSERT_TRUE(WriteFileAtomically(this->files_, this->Path("m"), "one").ok());
  ASSERT_TRUE(WriteFileAtomically(this->files_, this->Path("m"), "two").ok());
  EXPECT_EQ(this->Read("m"), "two");
  EXPECT_EQ(this->Names(""), std::vector<std::string>{"m"});
}

TYPED_TEST(FileSystemTest, ReadingExactlyRefusesAShortFile) {
  this->Write("a", "0123456789");
  const std::unique_ptr<ReadableFile> file = *this->files_.OpenForRead(this->Path("a"));
  EXPECT_EQ(*ReadExactly(*file, 4, 3), "456");
  EXPECT_EQ(*ReadExactly(*file, 10, 0), "");
  EXPECT_EQ(ReadExactly(*file, 8, 3).status().code(), StatusCode::kDataLoss);
  EXPECT_EQ(ReadExactly(*file, 11, 0).status().code(), StatusCode::kDataLoss);
  EXPECT_EQ(ReadWholeFile(this->files_, this->Path("a"), 9).status().code(), StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace weir
