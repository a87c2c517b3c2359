// The small typed factories by which the plan makes operators: one class template per shape.
#pragma once

#include <memory>
#include <utility>

#include "weir/graph/operator_factory.h"
#include "weir/runtime/operators/assign_timestamps.h"
#include "weir/runtime/operators/custom_partitioner.h"
#include "weir/runtime/operators/sink_operator.h"
#include "weir/runtime/operators/source_operator.h"

namespace weir {

// Op(const F&): every subtask gets a copy of the function.
template <class Op, class F>
class FunctionOperatorFactory final : public OperatorFactory {
 public:
  explicit FunctionOperatorFactory(F function) : function_(std::move(function)) {}
  Operator* Make() const override { return new Op(function_); }

 private:
  const F function_;
};

// Not a template: the sink's type is behind the SinkFactory.
class SinkOperatorFactory final : public OperatorFactory {
 public:
  explicit SinkOperatorFactory(std::shared_ptr<const SinkFactory> sink) : sink_(std::move(sink)) {}
  Operator* Make() const override { return new SinkOperator(sink_); }

 private:
  const std::shared_ptr<const SinkFactory> sink_;
};

class SourceOperatorFactory final : public OperatorFactory {
 public:
  explicit SourceOperatorFactory(std::shared_ptr<const SourceFactory> source) : source_(std::move(source)) {}
  Operator* Make() const override { return new SourceOperator(source_); }

 private:
  const std::shared_ptr<const SourceFactory> source_;
};

// A source whose records get timestamps and watermarks.
class TimedSourceOperatorFactory final : public OperatorFactory {
 public:
  TimedSourceOperatorFactory(std::shared_ptr<const SourceFactory> source, const EventTimeStrategy& strategy)
      : source_(std::move(source)), strategy_(strategy) {}
  Operator* Make() const override { return new SourceOperator(source_, strategy_); }

 private:
  const std::shared_ptr<const SourceFactory> source_;
  const EventTimeStrategy strategy_;
};

class AssignTimestampsOperatorFactory final : public OperatorFactory {
 public:
  AssignTimestampsOperatorFactory(const EventTimeStrategy& strategy, const BatchType* type)
      : strategy_(strategy), type_(type) {}
  Operator* Make() const override { return new AssignTimestampsOperator(strategy_, type_); }

 private:
  const EventTimeStrategy strategy_;
  const BatchType* const type_;
};

template <class T, class P, class S>
class CustomPartitionerFactory final : public RowPartitionerFactory {
 public:
  CustomPartitionerFactory(P partition, S selector)
      : partition_(std::move(partition)), selector_(std::move(selector)) {}
  RowPartitioner* Make() const override { return new CustomRowPartitioner<T, P, S>(partition_, selector_); }

 private:
  const P partition_;
  const S selector_;
};

}  // namespace weir
