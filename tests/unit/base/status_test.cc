#include "weir/base/status.h"

#include <gtest/gtest.h>

#include <memory>

namespace weir {
namespace {

TEST(Status, HasCodeAndMessage) {
  EXPECT_TRUE(OkStatus().ok());
  EXPECT_EQ(OkStatus().ToString(), "OK");
  const Status status = NotFoundError("no file x");
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(status.code(), StatusCode::kNotFound);
  EXPECT_EQ(status.ToString(), "NOT_FOUND: no file x");
  EXPECT_EQ(Status(StatusCode::kOk, "ignored"), OkStatus());
}

TEST(Status, CopiesAreIndependent) {
  Status a = InternalError("x");
  const Status b = a;
  a = OkStatus();
  EXPECT_EQ(b, InternalError("x"));
  EXPECT_TRUE(a.ok());
}

TEST(Status, AnnotationGoesBeforeTheMessage) {
  EXPECT_EQ(InternalError("disk full").Annotate("checkpoint 3"), InternalError("checkpoint 3: disk full"));
  EXPECT_TRUE(OkStatus().Annotate("x").ok());
}

TEST(Status, UpdateKeepsTheFirstError) {
  Status status;
  status.Update(OkStatus());
  status.Update(NotFoundError("first"));
  status.Update(InternalError("second"));
  EXPECT_EQ(status, NotFoundError("first"));
}

StatusOr<std::unique_ptr<int>> Half(int n) {
  if (n % 2 != 0) return InvalidArgumentError(std::to_string(n) + " is odd");
  return std::make_unique<int>(n / 2);
}

Status QuarterInto(int n, int* quarter) {
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<int> half, Half(n));
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<int> result, Half(*half));
  *quarter = *result;
  return OkStatus();
}

Status QuarterTwice(int n, int* quarter) {
  WEIR_RETURN_IF_ERROR(QuarterInto(n, quarter));
  return QuarterInto(*quarter, quarter);
}

TEST(StatusOr, MacrosPassValuesOnAndErrorsUp) {
  int quarter = 0;
  EXPECT_TRUE(QuarterInto(12, &quarter).ok());
  EXPECT_EQ(quarter, 3);
  EXPECT_EQ(QuarterTwice(12, &quarter), InvalidArgumentError("3 is odd"));
  EXPECT_EQ(QuarterInto(6, &quarter), InvalidArgumentError("3 is odd"));
}

TEST(StatusOr, MovesAndCopies) {
  StatusOr<std::string> a = std::string("abc");
  StatusOr<std::string> b = a;
  EXPECT_EQ(*b, "abc");
  b = NotFoundError("x");
  EXPECT_FALSE(b.ok());
  b = std::move(a);
  EXPECT_EQ(*b, "abc");
  EXPECT_EQ(StatusOr<std::string>(NotFoundError("x")).ValueOr("y"), "y");
}

TEST(StatusOrDeathTest, AskingForTheValueOfAnErrorAborts) {
  StatusOr<int> error = NotFoundError("no int");
  EXPECT_DEATH((void)*error, "no int");
  EXPECT_DEATH((void)StatusOr<int>(OkStatus()), "");
}

}  // namespace
}  // namespace weir
