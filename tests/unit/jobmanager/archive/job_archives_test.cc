#include "weir/jobmanager/archive/job_archives.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "weir/base/file/file_contents.h"
#include "weir/base/file/in_memory_file_system.h"

namespace weir {
namespace {

// Flink's history server reads these bytes, and so does every later version of ours.
constexpr const char* kGolden =
    R"({"archive":[{"json":"{\"jobs\":[{\"end-time\":7,\"jid\":\"00000000000000000000000000000001\",\"state\":\"FINISHED\"}]}","path":"/jobs/overview"},)"
    R"({"json":"{\"plan\":{}}","path":"/jobs/00000000000000000000000000000001/plan"}]})";

std::string IdOf(int number) { return std::string(31, '0') + std::to_string(number); }

std::vector<ArchivedAnswer> AnswersOf(int number, int64_t end_ms) {
  const std::string id = IdOf(number);
  return {{kArchivedOverviewPath,
           R"({"jobs":[{"end-time":)" + std::to_string(end_ms) + R"(,"jid":")" + id + R"(","state":"FINISHED"}]})"},
          {"/jobs/" + id + "/plan", R"({"plan":{}})"}};
}

class JobArchivesTest : public testing::Test {
 protected:
  JobArchives Open(std::optional<size_t> most = {}, std::optional<Duration> kept_for = {}) {
    return JobArchives({.files = &files_, .folders = {"/a", "/b"}, .most_jobs = most, .kept_for = kept_for});
  }
  void Write(const std::string& path, const std::string& content) {
    ASSERT_TRUE(files_.CreateDirectories("/b").ok());
    ASSERT_TRUE(WriteFileAtomically(files_, path, content).ok());
  }
  Timestamp Now() const { return clock_.WallTime(); }

  ManualClock clock_;
  InMemoryFileSystem files_{&clock_};
};

TEST_F(JobArchivesTest, WritesWhatFlinksHistoryServerReads) { EXPECT_EQ(EncodeJobArchive(AnswersOf(1, 7)), kGolden); }

TEST_F(JobArchivesTest, ShowsWhatWasWrittenOnceItHasLooked) {
  JobArchives archives = Open();
  ASSERT_TRUE(archives.Put(IdOf(1), AnswersOf(1, 7), Now()).ok());
  EXPECT_FALSE(archives.Contains(IdOf(1)));
  ASSERT_TRUE(archives.Refresh(Now()).ok());
  EXPECT_EQ(archives.Answer(IdOf(1), "/jobs/" + IdOf(1) + "/plan"), R"({"plan":{}})");
  EXPECT_EQ(archives.Answer(IdOf(1), "/jobs/" + IdOf(1) + "/nothing"), std::nullopt);
  EXPECT_EQ(archives.Answer("../a", "/jobs/overview"), std::nullopt);
}

TEST_F(JobArchivesTest, TheJobThatEndedLastComesFirstWhateverFolderItIsIn) {
  JobArchives archives = Open();
  ASSERT_TRUE(archives.Put(IdOf(1), AnswersOf(1, 7), Now()).ok());
  ASSERT_TRUE(archives.Put(IdOf(2), AnswersOf(2, 9), Now()).ok());
  Write("/b/" + IdOf(3), EncodeJobArchive(AnswersOf(3, 8)));
  Write("/b/" + IdOf(1), EncodeJobArchive(AnswersOf(1, 99)));  // the first folder's counts
  ASSERT_TRUE(archives.Refresh(Now()).ok());
  std::vector<std::string> ids;
  for (const ArchivedOverview& job : archives.Overviews()) ids.push_back(job.job_id);
  EXPECT_EQ(ids, (std::vector{IdOf(2), IdOf(3), IdOf(1)}));
}

TEST_F(JobArchivesTest, AFileThatCannotBeUsedCostsNothingElse) {
  const std::string whole = EncodeJobArchive(AnswersOf(1, 7));
  Write("/b/" + IdOf(1), whole);
  Write("/b/" + IdOf(2), whole.substr(0, whole.size() / 2));
  Write("/b/" + IdOf(3), "");
  Write("/b/" + IdOf(4), R"({"archive":[]})");
  Write("/b/" + IdOf(5), whole);  // of another job
  Write("/b/" + IdOf(6), R"({"archive":[{"path":1,"json":2}]})");
  Write("/b/" + IdOf(7), R"({"archive":[{"path":"/jobs/overview","json":"no json"}]})");
  Write("/b/notes.txt", "mine");
  JobArchives archives = Open();
  ASSERT_TRUE(archives.Refresh(Now()).ok());
  ASSERT_EQ(archives.Overviews().size(), 1u);
  EXPECT_EQ(archives.Overviews().front().job_id, IdOf(1));
  EXPECT_TRUE(files_.Exists("/b/" + IdOf(2)).value());
}

TEST_F(JobArchivesTest, TheOldestGoBeyondTheLimit) {
  JobArchives archives = Open(2);
  for (int number = 1; number <= 3; ++number) {
    ASSERT_TRUE(archives.Put(IdOf(number), AnswersOf(number, number), Now()).ok());
    clock_.Advance(std::chrono::seconds(1));
  }
  EXPECT_FALSE(files_.Exists("/a/" + IdOf(1)).value());
  EXPECT_TRUE(files_.Exists("/a/" + IdOf(2)).value());
}

TEST_F(JobArchivesTest, AnArchiveGoesWhenItsTimeIsOver) {
  JobArchives archives = Open({}, Duration(1000));
  ASSERT_TRUE(archives.Put(IdOf(1), AnswersOf(1, 1), Now()).ok());
  clock_.Advance(std::chrono::milliseconds(1000));
  ASSERT_TRUE(archives.Refresh(Now()).ok());
  EXPECT_TRUE(archives.Contains(IdOf(1)));
  clock_.Advance(std::chrono::milliseconds(1));
  ASSERT_TRUE(archives.Refresh(Now()).ok());
  EXPECT_FALSE(archives.Contains(IdOf(1)));
}

TEST_F(JobArchivesTest, AnArchiveThatChangesIsReadAnew) {
  JobArchives archives = Open();
  ASSERT_TRUE(archives.Put(IdOf(1), AnswersOf(1, 7), Now()).ok());
  ASSERT_TRUE(archives.Refresh(Now()).ok());
  EXPECT_TRUE(archives.Answer(IdOf(1), "/jobs/" + IdOf(1) + "/plan").has_value());
  clock_.Advance(std::chrono::seconds(1));
  std::vector<ArchivedAnswer> more = AnswersOf(1, 7);
  more.back().json = R"({"plan":{"more":1}})";
  ASSERT_TRUE(archives.Put(IdOf(1), more, Now()).ok());
  ASSERT_TRUE(archives.Refresh(Now()).ok());
  EXPECT_EQ(archives.Answer(IdOf(1), "/jobs/" + IdOf(1) + "/plan"), R"({"plan":{"more":1}})");
}

TEST_F(JobArchivesTest, AFolderThatIsNotThereYetIsNoError) { EXPECT_TRUE(Open().Refresh(Now()).ok()); }

}  // namespace
}  // namespace weir
