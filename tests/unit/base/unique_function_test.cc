#include "weir/base/unique_function.h"

#include <gtest/gtest.h>

#include <string>

namespace weir {
namespace {

TEST(UniqueFunction, OwnsWhatItsLambdaOwns) {
  auto owned = std::make_shared<int>(41);
  const std::weak_ptr<int> alive = owned;
  UniqueFunction<int(int)> add = [owned = std::move(owned)](int x) { return *owned + x; };
  UniqueFunction<int(int)> moved = std::move(add);
  EXPECT_FALSE(add);  // NOLINT: a moved-from function is empty
  EXPECT_EQ(moved(1), 42);
  moved = nullptr;
  EXPECT_TRUE(alive.expired());
}

TEST(UniqueFunction, PassesReferencesAndMoveOnlyArgumentsThrough) {
  std::string text;
  UniqueFunction<void(std::string&, std::unique_ptr<int>)> append = [](std::string& out, std::unique_ptr<int> n) {
    out += std::to_string(*n);
  };
  append(text, std::make_unique<int>(5));
  EXPECT_EQ(text, "5");
}

TEST(UniqueFunction, KeepsStateBetweenCalls) {
  UniqueFunction<int()> next = [n = 0]() mutable { return ++n; };
  next();
  EXPECT_EQ(next(), 2);
}

}  // namespace
}  // namespace weir
