// Small real jobs over numbers, for tests that run them:
//
//   NumberJob job;
//   job.count = 1000;
//   job.map = [](int64_t n) { return 2 * n; };
//   JobExecutionResult result = ExecuteJob(job.Build(), {});
//   EXPECT_EQ(job.sum(), ...);
//
//   [Source: numbers] ═rebalance═► [Map -> Sink: sum]
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "weir/api/factories.h"
#include "weir/base/check.h"
#include "weir/functions/sink.h"
#include "weir/functions/source.h"
#include "weir/functions/split_list_enumerator.h"
#include "weir/graph/job/job_graph.h"
#include "weir/graph/job/job_graph_builder.h"
#include "weir/runtime/operators/stateless.h"
#include "weir/types/batch_type.h"

namespace weir::client_test {

struct Range {
  int64_t next;
  int64_t end;
};

class RangeReader final : public SourceReader<int64_t, Range> {
 public:
  ReadResult Read(Batch<int64_t>& into, Budget budget) override {
    if (ranges_.empty()) return finished_ ? ReadResult::End() : ReadResult::Idle();
    Range& range = ranges_.back();
    for (uint32_t i = 0; i < budget.rows && range.next < range.end; ++i) into.data()[into.size++] = range.next++;
    if (range.next == range.end) ranges_.pop_back();
    return ReadResult::Progress();
  }
  Status AddSplits(std::vector<Range> splits) override {
    ranges_.insert(ranges_.end(), splits.begin(), splits.end());
    return OkStatus();
  }
  void NoMoreSplits() override { finished_ = true; }
  bool WantsSplit() const override { return ranges_.empty() && !finished_; }
  std::vector<Range> Snapshot() override { return ranges_; }

 private:
  std::vector<Range> ranges_;
  bool finished_ = false;
};

// 0, 1, ... count - 1, in `splits` ranges.
class Numbers : public Source<int64_t> {
 public:
  using Split = Range;
  using EnumeratorState = std::vector<Range>;
  Numbers(int64_t count, int splits) : count_(count), splits_(splits) {}

  Boundedness boundedness() const { return Boundedness::kBounded; }
  StatusOr<std::unique_ptr<SplitListEnumerator<Range>>> CreateEnumerator(const EnumeratorState*) const {
    std::vector<Range> ranges;
    for (int i = 0; i < splits_; ++i) ranges.push_back({count_ * i / splits_, count_ * (i + 1) / splits_});
    return std::make_unique<SplitListEnumerator<Range>>(ranges);
  }
  StatusOr<std::unique_ptr<RangeReader>> CreateReader(const RuntimeContext&) const {
    return std::make_unique<RangeReader>();
  }

 private:
  int64_t count_;
  int splits_;
};

class SumWriter final : public SinkWriter<int64_t> {
 public:
  SumWriter(std::shared_ptr<std::atomic<int64_t>> sum, Accumulator& records)
      : sum_(std::move(sum)), records_(records) {}
  Status Write(const int64_t& number, EventTime) override {
    sum_->fetch_add(number, std::memory_order_relaxed);
    records_.Add(1);
    return OkStatus();
  }

 private:
  const std::shared_ptr<std::atomic<int64_t>> sum_;
  Accumulator& records_;
};

class SumSink : public Sink<int64_t> {
 public:
  explicit SumSink(std::shared_ptr<std::atomic<int64_t>> sum) : sum_(std::move(sum)) {}
  StatusOr<std::unique_ptr<SumWriter>> CreateWriter(const RuntimeContext& context) const {
    return std::make_unique<SumWriter>(sum_, context.accumulator("records"));
  }

 private:
  std::shared_ptr<std::atomic<int64_t>> sum_;
};

struct NumberJob {
  std::string name = "numbers";
  int64_t count = 10'000;
  int splits = 7;
  int parallelism = 2;
  std::function<int64_t(int64_t)> map = [](int64_t number) { return number; };
  std::shared_ptr<std::atomic<int64_t>> total = std::make_shared<std::atomic<int64_t>>(0);

  int64_t sum() const { return total->load(); }

  JobGraph Build() const {
    StreamGraph graph;
    graph.config.job_name = name;
    graph.config.environment_parallelism = parallelism;
    const BatchType* const numbers = &BatchTypeOf<int64_t>();
    auto source = std::make_shared<TypedSourceFactory<Numbers>>(Numbers(count, splits));
    using Map = InPlaceMapOperator<int64_t, std::function<int64_t(int64_t)>>;
    StreamNode from{.id = 1, .kind = NodeKind::kSource, .name = "numbers"};
    from.factory = std::make_shared<SourceOperatorFactory>(source);
    from.source = source;
    from.is_bounded = true;
    from.output = numbers;
    StreamNode map_node{.id = 2, .kind = NodeKind::kOperator, .name = "Map"};
    map_node.factory.reset(NewOperatorFactory<Map>(map));
    map_node.inputs = {numbers};
    map_node.output = numbers;
    StreamNode sink{.id = 3, .kind = NodeKind::kSink, .name = "sum"};
    sink.factory = std::make_shared<SinkOperatorFactory>(std::make_shared<TypedSinkFactory<SumSink>>(SumSink(total)));
    sink.inputs = {numbers};
    graph.nodes = {from, map_node, sink};
    graph.edges.push_back({.source = 1, .target = 2, .partitioner = Partitioner::kRebalance});
    graph.edges.push_back({.source = 2, .target = 3});
    StatusOr<JobGraph> built = BuildJobGraph(graph);
    WEIR_CHECK_OK(built);
    return std::move(built).value();
  }
};

}  // namespace weir::client_test
