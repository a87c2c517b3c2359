// Expectations about Status and StatusOr.
#pragma once

#include <gtest/gtest.h>

#include <string_view>

#include "weir/base/status.h"

namespace weir {

inline const Status& StatusOf(const Status& status) { return status; }
template <class T>
const Status& StatusOf(const StatusOr<T>& result) {
  return result.status();
}

inline ::testing::AssertionResult IsOk(const Status& status) {
  if (status.ok()) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << status.ToString();
}

// Whether `status` has this code and its message contains `text`.
inline ::testing::AssertionResult IsError(const Status& status, StatusCode code, std::string_view text) {
  if (status.code() == code && status.message().find(text) != std::string_view::npos) {
    return ::testing::AssertionSuccess();
  }
  return ::testing::AssertionFailure() << "expected " << StatusCodeName(code) << " with \"" << text << "\", got "
                                       << status.ToString();
}

}  // namespace weir

#define EXPECT_OK(expression) EXPECT_TRUE(::weir::IsOk(::weir::StatusOf(expression)))
#define ASSERT_OK(expression) ASSERT_TRUE(::weir::IsOk(::weir::StatusOf(expression)))
