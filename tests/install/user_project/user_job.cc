#include <cstdio>

#include "weir/weir.h"

int main(int argc, char** argv) {
  weir::StreamExecutionEnvironment env(argc, argv);
  auto sums = env.FromElements<int64_t>({1, 2, 3})
                  .KeyBy([](int64_t) { return int64_t{0}; })
                  .Reduce([](int64_t sum, int64_t number) { return sum + number; });
  const std::vector<int64_t> running = sums.ExecuteAndCollect("sum");
  std::printf("%lld\n", static_cast<long long>(running.back()));
}
