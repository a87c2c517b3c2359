// Throws records away.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "weir/functions/sink.h"

namespace weir {

namespace internal {

class DiscardWriter final : public SinkWriterBase {
 public:
  Status WriteBatch(BatchBase& batch) override { return OkStatus(); }
};

}  // namespace internal

// For measuring what comes before it.
template <class T>
class DiscardSink : public Sink<T> {
 public:
  StatusOr<std::unique_ptr<SinkWriterBase>> CreateWriter(const RuntimeContext&) const {
    return std::make_unique<internal::DiscardWriter>();
  }
};

// Adds up records instead: the accumulators "<name>.records" and "<name>.checksum" of the job's result say how many there were and the sum of the upper
// halves of their hashes, which depends neither on their order nor on the parallelism. `H`: uint64_t(const T&).
template <class T, class H>
class ChecksumSink : public Sink<T> {
 public:
  explicit ChecksumSink(H hash, std::string name = "checksum") : hash_(std::move(hash)), name_(std::move(name)) {}

  StatusOr<std::unique_ptr<SinkWriterBase>> CreateWriter(const RuntimeContext& context) const {
    return std::make_unique<Writer>(hash_, context.accumulator(name_ + ".records"),
                                    context.accumulator(name_ + ".checksum"));
  }

 private:
  class Writer final : public SinkWriterBase {
   public:
    Writer(H hash, Accumulator& records, Accumulator& checksum)
        : hash_(std::move(hash)), records_(records), checksum_(checksum) {}

    Status WriteBatch(BatchBase& batch) override {
      int64_t sum = 0;  // of 32-bit numbers: two thousand million records fit
      AsBatch<T>(batch).ForEach([&](const T& record, uint32_t) { sum += static_cast<int64_t>(hash_(record) >> 32); });
      records_.Add(batch.count());
      checksum_.Add(sum);
      return OkStatus();
    }

   private:
    H hash_;
    Accumulator& records_;
    Accumulator& checksum_;
  };

  H hash_;
  std::string name_;
};

}  // namespace weir
