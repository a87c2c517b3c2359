#include "weir/base/source_location.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(SourceFileInTree, CutsWhatStandsBeforeTheTree) {
  EXPECT_EQ(SourceFileInTree("/x/src/base/check.cc"), "base/check.cc");
  EXPECT_EQ(SourceFileInTree("/opt/include/weir/base/check.h"), "base/check.h");
  EXPECT_EQ(SourceFileInTree("job.cc"), "job.cc");
  EXPECT_EQ(SourceFileInTree("/x/src/weir/src/api/a.h"), "api/a.h");
}

}  // namespace
}  // namespace weir
