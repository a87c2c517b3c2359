// How many bytes a consumer lets be on their way to it: its channels' own buffers, the gate's floating ones, and how much of both its speed is worth.
//
// All numbers are bytes; a frame costs its payload and its header. Threads: the network thread.
#pragma once

#include <cstdint>
#include <memory>

#include "weir/base/status.h"

namespace weir {

struct CreditLimits {
  int64_t exclusive = 64 << 10;  // of each channel
  int64_t floating = 256 << 10;  // of the gate, for channels that have more waiting
  int64_t target_nanos = 0;      // what is in flight is to be worth so much of the consumer's time; 0: does not matter
  int64_t period_nanos = 200'000'000;  // of measuring its speed
};

// What the channels of one gate share.
class GateCredit {
 public:
  explicit GateCredit(const CreditLimits& limits) : limits_(limits), free_floating_(limits.floating) {}

  // The gate has taken `bytes`, at the monotonic time `now_nanos`.
  void OnConsumed(int64_t bytes, int64_t now_nanos);
  // What a channel may have in flight, of `limit`, given the gate's speed: at least one byte, which lets one batch through.
  int64_t Adapt(int64_t limit) const;

 private:
  friend class ChannelCredit;
  const CreditLimits limits_;
  int64_t free_floating_;
  int32_t channels_ = 0;
  // Of the present period.
  int64_t period_began_ = 0;
  int64_t consumed_ = 0;
  double bytes_per_nano_ = -1;  // smoothed; negative: not known yet
};

// One channel of it.
class ChannelCredit {
 public:
  explicit ChannelCredit(std::shared_ptr<GateCredit> gate);
  ~ChannelCredit();
  ChannelCredit(const ChannelCredit&) = delete;
  ChannelCredit& operator=(const ChannelCredit&) = delete;

  // A frame of `cost` has come, behind which the producer has about `backlog` waiting. kDataLoss: it was not granted.
  Status OnData(int64_t cost, int64_t backlog);
  // The task has taken a frame.
  void OnConsumed(int64_t cost) { queued_ -= cost; }
  // What is to be granted now; 0: nothing that would be worth a frame.
  uint32_t TakeGrant();
  // The connection is a new one, and the producer has been granted nothing.
  void Restart() { unspent_ = 0; }
  // The producer may soon have to wait: that the task takes something must be known at once.
  bool is_short() const;

 private:
  int64_t limit() const;

  const std::shared_ptr<GateCredit> gate_;
  int64_t unspent_ = 0;   // granted, and nothing has come for it yet
  int64_t queued_ = 0;    // has come, and is not taken yet
  int64_t floating_ = 0;  // of the gate's, that this channel has
  int64_t backlog_ = 0;
};

}  // namespace weir
