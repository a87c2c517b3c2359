// A value as it is now: a queue's length, a watermark, a name.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

namespace weir {

// What a gauge shows: a whole number, a number, or text (which reporters of numbers leave out).
class GaugeValue {
 public:
  enum class Kind { kInteger, kNumber, kText };

  GaugeValue(int64_t value) : kind_(Kind::kInteger), integer_(value) {}           // NOLINT: values convert
  GaugeValue(int value) : GaugeValue(int64_t{value}) {}                           // NOLINT
  GaugeValue(bool value) : GaugeValue(int64_t{value}) {}                          // NOLINT
  GaugeValue(double value) : kind_(Kind::kNumber), number_(value) {}              // NOLINT
  GaugeValue(std::string value) : kind_(Kind::kText), text_(std::move(value)) {}  // NOLINT

  Kind kind() const { return kind_; }
  int64_t integer() const { return integer_; }
  double number() const { return kind_ == Kind::kInteger ? static_cast<double>(integer_) : number_; }
  const std::string& text() const { return text_; }

  // As a person reads it.
  std::string ToString() const;

 private:
  Kind kind_;
  int64_t integer_ = 0;
  double number_ = 0;
  std::string text_;
};

// Threads: `Value` is called by the thread that reports, while the owner works.
class Gauge {
 public:
  Gauge() = default;
  Gauge(const Gauge&) = delete;
  Gauge& operator=(const Gauge&) = delete;
  virtual ~Gauge() = default;

  virtual GaugeValue Value() const = 0;
};

// A number that its owner sets. One thread writes, any thread reads; relaxed, since no other memory depends on it.
class NumberGauge final : public Gauge {
 public:
  void Set(int64_t value) { value_.store(value, std::memory_order_relaxed); }
  GaugeValue Value() const override { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> value_{0};
};

// Asks a function. The function must be safe to call from another thread, and must not register metrics.
template <class F>
class FunctionGauge final : public Gauge {
 public:
  explicit FunctionGauge(F function) : function_(std::move(function)) {}
  GaugeValue Value() const override { return GaugeValue(function_()); }

 private:
  const F function_;
};

}  // namespace weir
