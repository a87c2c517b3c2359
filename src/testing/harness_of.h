// Harnesses for what a job says, in the job's own words.
//
//   auto harness = weir::HarnessOf<Click>([](auto clicks) { return clicks.KeyBy(&Click::user).template Process<BusyUser>(100); });
//   auto joined = weir::HarnessOf<Order, Rate>([](auto orders, auto rates) { return orders.Connect(rates.Broadcast()).template Process<Convert>(); });
//
// The function must add exactly one operator. A side output is recorded if the function asks for it (GetSideOutput), as in a job.
#pragma once

#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "weir/api/connected_streams.h"
#include "weir/api/data_stream.h"
#include "weir/api/keyed_stream.h"
#include "weir/api/plan.h"
#include "weir/testing/operator_driver.h"
#include "weir/testing/operator_harness.h"

namespace weir {

namespace internal {

// The one operator that `plan` got, whose result is `result`. Aborts if there is another number of operators: a mistake in the test.
OperatorUnderTest OnlyOperator(const std::shared_ptr<Plan>& plan, const StreamBase& result);

}  // namespace internal

// Build: DataStream<Out>(DataStream<In>).
template <class In, class Build>
auto HarnessOf(Build build, HarnessOptions options = {}) {
  auto plan = std::make_shared<Plan>();
  const auto result = build(DataStream<In>(plan, {StreamOrigin{.node = 0}}));
  using Out = typename std::remove_cvref_t<decltype(result)>::Record;
  return OperatorHarness<In, Out>(internal::OnlyOperator(plan, result), std::move(options));
}

// Build: DataStream<Out>(DataStream<A>, DataStream<B>).
template <class A, class B, class Build>
auto HarnessOf(Build build, HarnessOptions options = {}) {
  auto plan = std::make_shared<Plan>();
  const auto result =
      build(DataStream<A>(plan, {StreamOrigin{.node = 0}}), DataStream<B>(plan, {StreamOrigin{.node = 0}}));
  using Out = typename std::remove_cvref_t<decltype(result)>::Record;
  return TwoInputHarness<A, B, Out>(internal::OnlyOperator(plan, result), std::move(options));
}

}  // namespace weir
