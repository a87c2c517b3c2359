#include "weir/client/progress_line.h"

#include <gtest/gtest.h>

#include <string>

namespace weir {
namespace {

constexpr int kWide = 500;

// [Source] ═► [Map] ═► [Sink], one subtask each.
JobDetails Running() {
  JobDetails details;
  details.overview.job_name = "job";
  details.overview.status = JobStatus::kRunning;
  for (const char* name : {"Source", "Map", "Sink"}) {
    VertexDetails vertex;
    vertex.name = name;
    vertex.subtasks.emplace_back();
    vertex.subtasks[0].state = ExecutionState::kRunning;
    details.vertices.push_back(vertex);
  }
  details.vertices[0].is_source = true;
  details.vertices[2].is_sink = true;
  return details;
}
TaskStatistics& Numbers(JobDetails& details, int vertex) { return details.vertices[vertex].subtasks[0].statistics; }

TEST(ProgressLine, ShowsRecordsInAndOutAndTheRate) {
  JobDetails before = Running();
  Numbers(before, 0).records_in = 500;
  JobDetails now = Running();
  Numbers(now, 0).records_in = 1000;
  Numbers(now, 2).records_out = 300;
  EXPECT_EQ(ProgressLine(before, now, Duration(500), kWide), "job: 1.0 K in, 300 out, 1.0 K/s");
}

TEST(ProgressLine, ShowsThePercentageOfABoundedInputWhoseSizeIsKnown) {
  JobDetails now = Running();
  Numbers(now, 0) = {.records_in = 10, .bytes_read = 630, .bytes_total = 1000};
  EXPECT_NE(ProgressLine({}, now, Duration(1000), kWide).find(", 63 %"), std::string::npos);
  Numbers(now, 0).bytes_total = -1;
  EXPECT_EQ(ProgressLine({}, now, Duration(1000), kWide).find('%'), std::string::npos);
}

TEST(ProgressLine, ShowsTheLowestWatermarkOfTheReadersThatStillRead) {
  JobDetails now = Running();
  now.vertices[0].subtasks.push_back(now.vertices[0].subtasks[0]);
  Numbers(now, 0).records_in = 1;
  now.vertices[0].subtasks[0].statistics.watermark = 1'420'279'200'000;
  now.vertices[0].subtasks[1].statistics.watermark = 0;
  now.vertices[0].subtasks[1].state = ExecutionState::kFinished;
  EXPECT_NE(ProgressLine({}, now, Duration(1000), kWide).find(", watermark 2015-01-03 10:00:00"), std::string::npos);
}

TEST(ProgressLine, NamesTheVertexBehindTheLastOneThatWasHeldUp) {
  const JobDetails before = Running();
  JobDetails now = Running();
  Numbers(now, 0).backpressured_ns = 800'000'000;
  EXPECT_TRUE(ProgressLine(before, now, Duration(1000), kWide).ends_with(", bottleneck \"Map\""));
  Numbers(now, 0).backpressured_ns = 200'000'000;
  EXPECT_EQ(ProgressLine(before, now, Duration(1000), kWide).find("bottleneck"), std::string::npos);
}

TEST(ProgressLine, SaysWhatTheJobWaitsFor) {
  JobDetails now = Running();
  now.overview.status = JobStatus::kRestarting;
  now.waiting_for = "2 of 4 slots";
  EXPECT_TRUE(ProgressLine({}, now, Duration(1000), kWide).starts_with("job: RESTARTING, waits for 2 of 4 slots, "));
}

TEST(ProgressLine, IsNeverWiderThanTheTerminal) {
  EXPECT_EQ(ProgressLine({}, Running(), Duration(1000), 10), "job: 0 in,");
  EXPECT_EQ(ProgressLine({}, Running(), Duration(1000), 0), "");
}

}  // namespace
}  // namespace weir
