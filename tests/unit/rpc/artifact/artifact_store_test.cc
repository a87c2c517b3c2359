#include "weir/rpc/artifact/artifact_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "weir/base/file/file_contents.h"
#include "weir/base/file/in_memory_file_system.h"
#include "weir/base/random.h"
#include "weir/rpc/artifact/cluster_secret.h"
#include "weir/rpc/artifact/sha256.h"

namespace weir {
namespace {

using testing::HasSubstr;

std::string HashOfText(std::string_view text) {
  Sha256 hash;
  hash.Update(text);
  return hash.Finish();
}

class ArtifactStoreTest : public testing::Test {
 protected:
  void SetUp() override { Open(1000); }
  void Open(uint64_t idle_bytes) {
    auto opened = ArtifactStore::Open({.files = &files_, .folder = "/store", .idle_bytes = idle_bytes});
    ASSERT_TRUE(opened.ok()) << opened.status().ToString();
    store_ = std::move(opened).value();
  }
  Status Put(std::string_view text, const std::string& announced) {
    WEIR_ASSIGN_OR_RETURN(auto upload, store_->Begin(announced));
    for (char each : text) WEIR_RETURN_IF_ERROR(upload->Append(std::string_view(&each, 1)));
    return upload->Finish();
  }
  Status Put(std::string_view text) { return Put(text, HashOfText(text)); }
  size_t FilesInFolder() { return files_.List("/store").ValueOr({}).size(); }

  InMemoryFileSystem files_;
  std::unique_ptr<ArtifactStore> store_;
  SeededRandom random_{3};
  const JobId job_ = JobId::Random(random_);
  const JobId other_ = JobId::Random(random_);
};

TEST(Sha256, IsThatOfTheStandard) {
  EXPECT_EQ(HashOfText("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_TRUE(IsSha256(HashOfText("")));
  EXPECT_FALSE(IsSha256("abc"));
  EXPECT_FALSE(IsSha256(std::string(64, 'G')));
}

TEST_F(ArtifactStoreTest, KeepsAFileUnderItsHash) {
  ASSERT_TRUE(Put("program").ok());
  const StatusOr<std::string> path = store_->PathOf(HashOfText("program"));
  ASSERT_TRUE(path.ok());
  EXPECT_EQ(ReadWholeFile(files_, *path).ValueOr(""), "program");
}

TEST_F(ArtifactStoreTest, RefusesAFileThatWasCutOnItsWay) {
  const Status status = Put("prog", HashOfText("program"));
  EXPECT_EQ(status.code(), StatusCode::kDataLoss);
  EXPECT_THAT(status.ToString(), HasSubstr("Nothing was kept"));
  EXPECT_FALSE(store_->Has(HashOfText("program")));
  EXPECT_EQ(FilesInFolder(), 0u);
}

TEST_F(ArtifactStoreTest, RefusesANameThatIsNoHash) {
  EXPECT_EQ(Put("x", "../../etc/passwd").code(), StatusCode::kInvalidArgument);
}

TEST_F(ArtifactStoreTest, AnUploadThatIsGivenUpLeavesNothing) {
  {
    auto upload = store_->Begin(HashOfText("program"));
    ASSERT_TRUE(upload.ok());
    ASSERT_TRUE((*upload)->Append("pro").ok());
  }
  EXPECT_EQ(FilesInFolder(), 0u);
}

TEST_F(ArtifactStoreTest, FindsItsFilesAgainAndRemovesLeftovers) {
  ASSERT_TRUE(Put("program").ok());
  ASSERT_TRUE(WriteFileAtomically(files_, "/store/.part-x", "half").ok());
  Open(1000);
  EXPECT_TRUE(store_->Has(HashOfText("program")));
  EXPECT_EQ(FilesInFolder(), 1u);
}

TEST_F(ArtifactStoreTest, ForgetsTheLongestUnusedFilesBeyondItsLimit) {
  Open(8);
  ASSERT_TRUE(Put("aaaa").ok());
  ASSERT_TRUE(Put("bbbb").ok());
  ASSERT_TRUE(store_->PathOf(HashOfText("aaaa")).ok());
  ASSERT_TRUE(Put("cccc").ok());
  EXPECT_TRUE(store_->Has(HashOfText("aaaa")));
  EXPECT_FALSE(store_->Has(HashOfText("bbbb")));
  EXPECT_EQ(FilesInFolder(), 2u);
}

TEST_F(ArtifactStoreTest, ForgetsNothingBeforeJobsThatGoOnHoldTheirs) {
  const std::vector<std::string> files = {HashOfText("program"), HashOfText("library")};
  ASSERT_TRUE(Put("program").ok());
  ASSERT_TRUE(store_->Hold(job_, {files[0]}).ok());
  ASSERT_TRUE(Put("library").ok());
  Open(1);
  EXPECT_TRUE(store_->Hold(job_, files).ok());
}

TEST_F(ArtifactStoreTest, KeepsWhatAJobHoldsUntilTheLastLetsGo) {
  Open(4);
  ASSERT_TRUE(Put("held").ok());
  ASSERT_TRUE(store_->Hold(job_, {HashOfText("held")}).ok());
  ASSERT_TRUE(store_->Hold(other_, {HashOfText("held")}).ok());
  ASSERT_TRUE(Put("bbbb").ok());
  store_->Release(job_);
  ASSERT_TRUE(Put("cccc").ok());
  EXPECT_TRUE(store_->Has(HashOfText("held")));
  EXPECT_FALSE(store_->Has(HashOfText("bbbb")));
  store_->Release(other_);
  EXPECT_FALSE(store_->Has(HashOfText("held")));
}

TEST_F(ArtifactStoreTest, NamesTheFileThatAJobNeedsAndNobodyUploaded) {
  EXPECT_THAT(store_->Hold(job_, {HashOfText("absent")}).ToString(), HasSubstr(HashOfText("absent")));
}

TEST(ClusterSecret, IsWantedWhereOthersReachThePort) {
  EXPECT_TRUE(CheckBindAddress("jobmanager.bind-host", "localhost", "").ok());
  EXPECT_TRUE(CheckBindAddress("jobmanager.bind-host", "127.0.0.1", "").ok());
  EXPECT_TRUE(CheckBindAddress("jobmanager.bind-host", "0.0.0.0", "0123456789abcdef").ok());
  EXPECT_THAT(CheckBindAddress("jobmanager.bind-host", "0.0.0.0", "").ToString(),
              HasSubstr("Set security.secret-file, or bind to localhost"));
}

TEST(ClusterSecret, IsTheFileWithoutWhiteSpaceAroundIt) {
  InMemoryFileSystem files;
  ASSERT_TRUE(files.CreateDirectories("/weir-no-such").ok());
  ASSERT_TRUE(WriteFileAtomically(files, "/weir-no-such/secret", "  0123456789abcdef\n").ok());
  EXPECT_EQ(LoadClusterSecret(files, "/weir-no-such/secret").ValueOr(""), "0123456789abcdef");
  EXPECT_EQ(LoadClusterSecret(files, "").ValueOr("none"), "");
  ASSERT_TRUE(WriteFileAtomically(files, "/weir-no-such/secret", "short\n").ok());
  EXPECT_THAT(LoadClusterSecret(files, "/weir-no-such/secret").status().ToString(), HasSubstr("at least 16"));
}

TEST(ClusterSecret, IsComparedWhole) {
  EXPECT_TRUE(EqualInConstantTime("secret", "secret"));
  EXPECT_FALSE(EqualInConstantTime("secret", "secreT"));
  EXPECT_FALSE(EqualInConstantTime("secret", "secret2"));
}

}  // namespace
}  // namespace weir
