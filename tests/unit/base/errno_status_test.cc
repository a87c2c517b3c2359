#include "weir/base/errno_status.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace weir {
namespace {

TEST(ErrnoError, SaysWhatFailedAndWhy) {
  EXPECT_EQ(ErrnoError(ENOENT, "cannot open a.csv"), NotFoundError("cannot open a.csv: No such file or directory"));
  EXPECT_EQ(ErrnoError(ENOSPC, "cannot write b"), ResourceExhaustedError("cannot write b: No space left on device"));
  EXPECT_EQ(ErrnoError(EIO, "cannot sync c"), DataLossError("cannot sync c: Input/output error"));
  EXPECT_EQ(ErrnoError(EACCES, "x").code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(ErrnoError(ENXIO, "x").code(), StatusCode::kUnknown);
  EXPECT_FALSE(ErrnoError(123456, "x").ok());
}

}  // namespace
}  // namespace weir
