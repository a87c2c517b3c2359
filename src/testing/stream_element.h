// What goes into an operator and comes out of it, as values.
#pragma once

#include <cstdint>
#include <utility>

#include "weir/base/time.h"

namespace weir {

enum class ElementKind : uint8_t {
  kRecord,
  kWatermark,       // `time`
  kProcessingTime,  // the clock moves to `time`
};

// A record, maybe with an event time, or a point in time.
template <class T>
struct StreamElement {
  ElementKind kind = ElementKind::kRecord;
  T record = {};
  EventTime time = kNoEventTime;

  static StreamElement Record(T record) { return {.record = std::move(record)}; }
  static StreamElement Record(T record, EventTime time) { return {.record = std::move(record), .time = time}; }
  static StreamElement Watermark(EventTime time) { return {.kind = ElementKind::kWatermark, .time = time}; }
  static StreamElement ProcessingTime(EventTime time) { return {.kind = ElementKind::kProcessingTime, .time = time}; }
};

}  // namespace weir
