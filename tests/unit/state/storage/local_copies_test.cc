#include "weir/state/storage/local_copies.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "weir/base/file/in_memory_file_system.h"
#include "weir/state/storage/state_file.h"

#include "tests/harness/status_matchers.h"

namespace weir {
namespace {

const JobId kJob(Id128{1, 2});

class LocalCopiesTest : public ::testing::Test {
 protected:
  LocalCopiesTest() {
    EXPECT_OK(files_.CreateDirectories("/ck/shared"));
    copies_ = LocalCopies::Open(files_, "/local", getpid(), kJob).value();
  }
  // A state with one file of that name.
  OperatorSubtaskState Written(const std::string& name) {
    auto writer = StateFileWriter::Create(files_, "/ck/shared/" + name, StateScope::kShared).value();
    EXPECT_OK(writer->Append("rows of " + name));
    OperatorSubtaskState state;
    state.keyed.push_back({.format = kHeapKeyedFormat, .files = {{"0", writer->Finish().value()}}});
    return state;
  }
  static const StateFile& FileOf(const OperatorSubtaskState& state) { return state.keyed[0].files[0].file; }
  std::string CopyOf(const std::string& name) { return copies_->folder() + "/" + name; }
  std::string Read(const OperatorSubtaskState& state) {
    return ReadState(files_, {.file = FileOf(state), .length = FileOf(state).length}).value();
  }

  InMemoryFileSystem files_;
  std::unique_ptr<LocalCopies> copies_;
};

TEST_F(LocalCopiesTest, AreReadInThePlaceOfTheirFilesEvenIfTheseAreGone) {
  OperatorSubtaskState state = Written("a");
  copies_->Keep({"/ck/shared/a"});
  ASSERT_OK(files_.Delete("/ck/shared/a"));
  EXPECT_EQ(copies_->Use(state), 1);
  EXPECT_EQ(FileOf(state).path, CopyOf("a"));
  EXPECT_EQ(Read(state), "rows of a");
}

TEST_F(LocalCopiesTest, ThatAreMissingArePassedOver) {
  OperatorSubtaskState state = Written("a");
  EXPECT_EQ(copies_->Use(state), 0);
  EXPECT_EQ(Read(state), "rows of a");
}

TEST_F(LocalCopiesTest, ThatAreDamagedOrCutShortArePassedOverAndRemoved) {
  for (const bool is_cut : {false, true}) {
    OperatorSubtaskState state = Written(is_cut ? "cut" : "flipped");
    const std::string copy = CopyOf(is_cut ? "cut" : "flipped");
    copies_->Keep({FileOf(state).path});
    std::string bytes(StateFileBytes(FileOf(state).length), '\0');
    ASSERT_OK(files_.OpenForRead(copy).value()->Read(bytes));
    bytes[bytes.size() / 2] ^= 1;
    if (is_cut) bytes.resize(bytes.size() / 2);
    ASSERT_OK(files_.OpenForWrite(copy, WriteMode::kTruncate).value()->Append(bytes));
    EXPECT_EQ(copies_->Use(state), 0);
    EXPECT_EQ(Read(state).substr(0, 5), "rows ");
    EXPECT_FALSE(files_.Exists(copy).value());
  }
}

TEST_F(LocalCopiesTest, OfFilesThatCannotBeReadAreLeftOut) {
  OperatorSubtaskState state = Written("a");
  copies_->Keep({"/ck/shared/gone", "/ck/shared/a"});
  EXPECT_EQ(copies_->Use(state), 1);
}

TEST_F(LocalCopiesTest, GoWhenTheyAreNotNeeded) {
  OperatorSubtaskState state = Written("a");
  copies_->Keep({"/ck/shared/a"});
  copies_->Drop({"/ck/shared/a", "/ck/shared/never there"});
  EXPECT_EQ(copies_->Use(state), 0);
}

TEST_F(LocalCopiesTest, ServeTheWorkerThatTakesTheOthersPlace) {
  OperatorSubtaskState state = Written("a");
  copies_->Keep({"/ck/shared/a"});
  copies_ = LocalCopies::Open(files_, "/local", getpid(), kJob).value();
  EXPECT_EQ(copies_->Use(state), 1);
}

TEST_F(LocalCopiesTest, OfProcessesThatAreGoneAreRemovedAndNoOthers) {
  const std::string gone = LocalCopies::Open(files_, "/local", 999'999'999, kJob).value()->folder();
  ASSERT_OK(files_.CreateDirectories("/local/weir-local-state/other-machine-999999999-00"));
  LocalCopies::Open(files_, "/local", getpid(), JobId(Id128{3, 4})).value();
  EXPECT_FALSE(files_.Exists(gone).value());
  EXPECT_TRUE(files_.Exists("/local/weir-local-state/other-machine-999999999-00").value());
  EXPECT_TRUE(files_.Exists(copies_->folder()).value());
}

TEST_F(LocalCopiesTest, GoWithTheirJob) {
  copies_->RemoveAll();
  EXPECT_FALSE(files_.Exists(copies_->folder()).value());
}

}  // namespace
}  // namespace weir
