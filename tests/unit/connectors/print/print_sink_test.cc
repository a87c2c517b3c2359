#include "weir/connectors/print/print_sink.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "tests/unit/connectors/sink_driver.h"

namespace weir {
namespace {

class PrintSinkTest : public testing::Test {
 protected:
  void TearDown() override {
    std::fclose(file_);
    std::free(text_);
  }
  std::string Printed() { return std::string(text_, size_); }

  char* text_ = nullptr;
  size_t size_ = 0;
  std::FILE* file_ = open_memstream(&text_, &size_);
  InMemoryFileSystem files_;
  ManualClock clock_;
};

TEST_F(PrintSinkTest, PrintsALinePerRecordAtTheEndOfTheStep) {
  auto writer = OpenWriter(PrintSink<std::string_view>("", file_), ContextOf(files_, clock_));
  ASSERT_TRUE(WriteRows<std::string_view>(*writer, {"a", "b"}).ok());
  std::fflush(file_);
  EXPECT_EQ(Printed(), "");
  ASSERT_TRUE(writer->Flush(false).ok());
  EXPECT_EQ(Printed(), "a\nb\n");
}

TEST_F(PrintSinkTest, SaysWhichOfSeveralSubtasksPrints) {
  auto writer = OpenWriter(PrintSink<std::pair<std::string_view, int64_t>>("", file_), ContextOf(files_, clock_, 1, 4));
  ASSERT_TRUE((WriteRows<std::pair<std::string_view, int64_t>>(*writer, {{"ATL", 7}}).ok()));
  ASSERT_TRUE(writer->Flush(true).ok());
  EXPECT_EQ(Printed(), "2> (ATL,7)\n");
}

TEST_F(PrintSinkTest, ANameStandsBeforeEachLine) {
  auto one = OpenWriter(PrintSink<int64_t>("n", file_), ContextOf(files_, clock_, 0, 1));
  ASSERT_TRUE(WriteRows<int64_t>(*one, {1, 2}).ok());
  ASSERT_TRUE(one->Flush(true).ok());
  auto several = OpenWriter(PrintSink<int64_t>("n", file_), ContextOf(files_, clock_, 2, 3));
  ASSERT_TRUE(WriteRows<int64_t>(*several, {3}).ok());
  ASSERT_TRUE(several->Flush(true).ok());
  EXPECT_EQ(Printed(), "n> 1\nn> 2\nn:3> 3\n");
}

TEST_F(PrintSinkTest, WritesManyLinesBeforeTheStepEnds) {
  auto writer = OpenWriter(PrintSink<std::string>("", file_), ContextOf(files_, clock_));
  ASSERT_TRUE(WriteRows<std::string>(*writer, {std::string(100'000, 'x')}).ok());
  std::fflush(file_);
  EXPECT_EQ(Printed().size(), 100'001u);
}

}  // namespace
}  // namespace weir
