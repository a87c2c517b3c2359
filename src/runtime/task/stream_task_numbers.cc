// What a task tells of itself to people and metrics.
#include <algorithm>

#include "weir/base/clock.h"
#include "weir/functions/watermark_generator.h"
#include "weir/runtime/task/stream_task.h"

namespace weir {
namespace {

void Set(Counter& counter, int64_t count) { counter.Inc(count - counter.Count()); }

}  // namespace

void StreamTask::CountBatch(const BatchBase& batch) {
  const int64_t rows = batch.count();
  last_batch_rows_ = rows;
  numbers_.records_in.Inc(rows);
  if (!options_.counts) return;
  numbers_.batches_in.Inc();
  numbers_.batch_rows.Update(rows);
}

uint32_t StreamTask::input_channels() const {
  uint32_t channels = 0;
  for (const auto& gate : options_.gates) channels += gate->channel_count();
  return channels;
}

void StreamTask::PublishShuffle() {
  int64_t bytes = 0;
  int64_t batches = 0;
  for (const auto& writer : options_.writers) {
    bytes += writer->remote_bytes();
    batches += writer->remote_batches();
  }
  Set(numbers_.remote_bytes_out, bytes);
  Set(numbers_.remote_batches_out, batches);
  bytes = batches = 0;
  for (const auto& gate : options_.gates) {
    bytes += gate->remote_bytes();
    batches += gate->remote_batches();
  }
  Set(numbers_.remote_bytes_in, bytes);
  Set(numbers_.remote_batches_in, batches);
  numbers_.alignment_nanos.Set(checkpoints_.last_metrics().alignment_ms * 1'000'000);
  numbers_.start_delay_nanos.Set(checkpoints_.last_metrics().start_delay_ms * 1'000'000);
}

void StreamTask::PublishStatistics() {
  int64_t out = 0;
  int64_t bytes = 0;
  int64_t batches = 0;
  int64_t full = 0;
  for (const auto& writer : options_.writers) {
    out += writer->records();
    bytes += writer->bytes();
    batches += writer->batches();
    full += writer->FullChannels();
  }
  for (size_t i = 0; i < options_.chain->size(); ++i) out += options_.chain->at(i).records_written();
  Set(numbers_.records_out, out);
  Set(numbers_.bytes_out, bytes);
  Set(numbers_.batches_out, batches);
  numbers_.full_outputs.Set(full);
  if (options_.is_source) {
    const SourceProgress progress = source().progress();
    published_.bytes_read.store(progress.bytes_read, std::memory_order_relaxed);
    published_.bytes_total.store(progress.bytes_total, std::memory_order_relaxed);
    Set(numbers_.records_in, source().records());
    published_.watermark.store(source().watermark(), std::memory_order_relaxed);
    return;
  }
  EventTime watermark = kMaxWatermark;
  int64_t queued = bytes = 0;
  for (const auto& gate : options_.gates) {
    bytes += gate->bytes();
    watermark = std::min(watermark, gate->watermark());
    queued += gate->queued();
  }
  Set(numbers_.bytes_in, bytes);
  numbers_.queued_batches.Set(queued);
  published_.watermark.store(watermark, std::memory_order_relaxed);
}

TaskStatistics StreamTask::statistics() const {
  TaskStatistics statistics;
  statistics.records_in = numbers_.records_in.Count();
  statistics.records_out = numbers_.records_out.Count();
  statistics.bytes_in = numbers_.bytes_in.Count();
  statistics.bytes_out = numbers_.bytes_out.Count();
  statistics.bytes_read = published_.bytes_read.load(std::memory_order_relaxed);
  statistics.bytes_total = published_.bytes_total.load(std::memory_order_relaxed);
  statistics.watermark = published_.watermark.load(std::memory_order_relaxed);
  const TaskTimes::Totals times = times_.At(options_.clock->MonotonicNanos());
  statistics.busy_ns = times.busy_ns;
  statistics.idle_ns = times.idle_ns;
  statistics.backpressured_ns = times.backpressured_ns;
  return statistics;
}

}  // namespace weir
