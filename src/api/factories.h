// The small typed factories by which the plan makes operators: one class template per shape.
#pragma once

#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

#include "weir/graph/operator_factory.h"
#include "weir/runtime/operators/assign_timestamps.h"
#include "weir/runtime/operators/custom_partitioner.h"
#include "weir/runtime/operators/sink_operator.h"
#include "weir/runtime/operators/source_operator.h"

// Of functions that run once per job and type: they are compiled for size, which takes the compiler a fraction of the time.
#define WEIR_PLANS [[gnu::cold, gnu::noinline]]

// As std::is_trivially_destructible_v, which costs 2 ms of compile time per type.
#if defined(__clang__)
#define WEIR_TRIVIALLY_DESTRUCTIBLE(T) __is_trivially_destructible(T)
#else
#define WEIR_TRIVIALLY_DESTRUCTIBLE(T) __has_trivial_destructor(T)
#endif

namespace weir {

// Makes every product from one value that it keeps: a user's function, a selector. One class for all types of values: a class per operator costs a job of a
// hundred operators half a second of compile time for its virtual functions and its type information.
template <class Factory, class Product>
class RecipeFactory final : public Factory {
 public:
  using MakeFunction = Product* (*)(const void* value);
  using DestroyFunction = void (*)(void* value);
  // Takes `value`, which `destroy` deletes.
  RecipeFactory(void* value, MakeFunction make, DestroyFunction destroy)
      : value_(value), make_(make), destroy_(destroy) {}
  ~RecipeFactory() override { destroy_(value_); }
  RecipeFactory(const RecipeFactory&) = delete;
  RecipeFactory& operator=(const RecipeFactory&) = delete;

  Product* Make() const override { return make_(value_); }

 private:
  void* const value_;
  const MakeFunction make_;
  const DestroyFunction destroy_;
};

namespace internal {

inline void FreeRecipe(void* value) { ::operator delete(value); }
template <class V>
void DeleteRecipe(void* value) {
  delete static_cast<V*>(value);
}
template <class Made, class Product, class V>
WEIR_PLANS Product* MakeFromRecipe(const void* value) {
  return new Made(*static_cast<const V*>(value));
}
template <class V>
constexpr auto DestroyerOfRecipe() {
  if constexpr (WEIR_TRIVIALLY_DESTRUCTIBLE(V) && alignof(V) <= alignof(std::max_align_t)) {
    return &FreeRecipe;
  } else {
    return &DeleteRecipe<V>;
  }
}

}  // namespace internal

// Made(const V&): every subtask gets a product made from the same value.
template <class Made, class Factory, class Product, class V>
[[gnu::always_inline]] inline Factory* NewFactory(V value) {
  return new RecipeFactory<Factory, Product>(new V(std::move(value)), &internal::MakeFromRecipe<Made, Product, V>,
                                             internal::DestroyerOfRecipe<V>());
}
template <class Op, class F>
OperatorFactory* NewOperatorFactory(F function) {
  return NewFactory<Op, OperatorFactory, Operator>(std::move(function));
}

// Not a template: the sink's type is behind the SinkFactory.
class SinkOperatorFactory final : public OperatorFactory {
 public:
  explicit SinkOperatorFactory(std::shared_ptr<const SinkFactory> sink) : sink_(std::move(sink)) {}
  // Takes `sink`. A make_shared per sink type would cost each 8 ms of compile time.
  explicit SinkOperatorFactory(const SinkFactory* sink) : sink_(sink) {}
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

}  // namespace weir
