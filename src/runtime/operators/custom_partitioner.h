// PartitionCustom: the user says where each record goes.
#pragma once

#include <utility>

#include "weir/runtime/operators/operator.h"

namespace weir {

// The error for a channel that does not exist.
Status BadChannelError(int64_t channel, int channels);

template <class T, class P, class S>
class CustomRowPartitioner final : public RowPartitioner {
 public:
  CustomRowPartitioner(const P& partition, const S& selector) : partition_(partition), selector_(selector) {}

  Status Partition(BatchBase& untyped, int channels, uint16_t* channel_of) override {
    Status status;
    AsBatch<T>(untyped).ForEach([&, i = 0u](const T& record, uint32_t) mutable {
      const int64_t channel = partition_(selector_(record), channels);
      if (channel < 0 || channel >= channels) [[unlikely]]
        status.Update(BadChannelError(channel, channels));
      channel_of[i++] = static_cast<uint16_t>(channel);
    });
    return status;
  }

 private:
  P partition_;
  S selector_;
};

}  // namespace weir
