#include "weir/jobmanager/jar/jar_store.h"

#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "weir/base/file/in_memory_file_system.h"
#include "weir/base/random.h"

namespace weir {
namespace {

using ::testing::HasSubstr;

std::string Executable(size_t bytes) {
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_type = ET_DYN;
#if defined(__x86_64__)
  header.e_machine = EM_X86_64;
#else
  header.e_machine = EM_AARCH64;
#endif
  std::string content(bytes, 'x');
  std::memcpy(content.data(), &header, sizeof(header));
  return content;
}

class JarStoreTest : public ::testing::Test {
 protected:
  JarStoreTest() : store_(std::move(JarStore::Open({&files_, &random_, "/jars", 1000})).value()) {}

  StatusOr<JarInfo> Upload(const std::string& name, const std::string& content) {
    WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<JarUpload> upload, store_->Begin(name));
    for (size_t i = 0; i < content.size(); i += 10) WEIR_RETURN_IF_ERROR(upload->Append(content.substr(i, 10)));
    return upload->Finish();
  }
  size_t FilesOnDisk() { return files_.List("/jars").ValueOr({}).size(); }

  InMemoryFileSystem files_;
  SeededRandom random_{1};
  std::unique_ptr<JarStore> store_;
};

TEST_F(JarStoreTest, KeepsWhatIsUploadedUnderAnIdOfItsOwn) {
  const StatusOr<JarInfo> first = Upload("job.jar", Executable(200));
  const StatusOr<JarInfo> second = Upload("job.jar", Executable(200));
  ASSERT_TRUE(first.ok()) << first.status().ToString();
  EXPECT_NE(first->id, second->id);
  EXPECT_TRUE(first->id.ends_with("_job.jar"));
  EXPECT_EQ(store_->List().value().size(), 2u);
  EXPECT_EQ(store_->PathOf(first->id).value(), "/jars/" + first->id);
}

TEST_F(JarStoreTest, JudgesAFileByItsHeaderAndNotByItsName) {
  const StatusOr<JarInfo> script = Upload("job", "#!/bin/sh" + std::string(100, ' '));
  EXPECT_THAT(script.status().ToString(), HasSubstr("is no job executable"));
  EXPECT_EQ(Upload("job", "short").status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(FilesOnDisk(), 0u);
}

TEST_F(JarStoreTest, RefusesAnUploadThatGrowsBeyondTheLimit) {
  EXPECT_EQ(Upload("job", Executable(1001)).status().code(), StatusCode::kOutOfRange);
  EXPECT_EQ(FilesOnDisk(), 0u);
}

TEST_F(JarStoreTest, LeavesNothingOfAnUploadThatIsGivenUp) {
  {
    const auto upload = store_->Begin("job");
    ASSERT_TRUE(upload.ok());
    EXPECT_EQ(FilesOnDisk(), 1u);
  }
  EXPECT_EQ(FilesOnDisk(), 0u);
}

TEST_F(JarStoreTest, OpensNoFileThatIsNotItsOwn) {
  const std::string uuid(32, 'a');
  for (const std::string& id :
       {std::string("../etc/passwd"), uuid + "_../../etc/passwd", uuid + "_", uuid, std::string()}) {
    EXPECT_EQ(store_->PathOf(id).status().code(), StatusCode::kNotFound) << id;
    EXPECT_EQ(store_->Delete(id).code(), StatusCode::kNotFound) << id;
  }
}

TEST(SafeJarName, KeepsTheLastPartAndNothingStrange) {
  EXPECT_EQ(SafeJarName("C:\\temp\\my job.jar"), "my_job.jar");
  EXPECT_EQ(SafeJarName("../../x"), "x");
  EXPECT_EQ(SafeJarName(".."), "program");
  EXPECT_EQ(SafeJarName(""), "program");
}

}  // namespace
}  // namespace weir
