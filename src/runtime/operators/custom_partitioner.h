// PartitionCustom: the user says where each record goes.
#pragma once

#include <utility>

#include "weir/runtime/operators/operator.h"

namespace weir {

// The error for a channel that does not exist.
Status BadChannelError(int64_t channel, int channels);

// What a user gives to PartitionCustom. P: channel of a key, among so many; S: key of a record.
template <class P, class S>
struct CustomPartition {
  P partition;
  S selector;
};

template <class T, class P, class S>
class CustomRowPartitioner final : public RowPartitioner {
 public:
  explicit CustomRowPartitioner(const CustomPartition<P, S>& user) : user_(user) {}

  Status Partition(BatchBase& untyped, int channels, uint16_t* channel_of) override {
    Status status;
    AsBatch<T>(untyped).ForEach([&, i = 0u](const T& record, uint32_t) mutable {
      const int64_t channel = user_.partition(user_.selector(record), channels);
      if (channel < 0 || channel >= channels) [[unlikely]]
        status.Update(BadChannelError(channel, channels));
      channel_of[i++] = static_cast<uint16_t>(channel);
    });
    return status;
  }

 private:
  CustomPartition<P, S> user_;
};

}  // namespace weir
