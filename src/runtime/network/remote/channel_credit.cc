#include "weir/runtime/network/remote/channel_credit.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace weir {
namespace {

// Weight of the last period's speed: some five periods until a change counts in full.
constexpr double kNewest = 0.4;

}  // namespace

void GateCredit::OnConsumed(int64_t bytes, int64_t now_nanos) {
  if (limits_.target_nanos == 0) return;
  if (period_began_ == 0) period_began_ = now_nanos;
  consumed_ += bytes;
  const int64_t passed = now_nanos - period_began_;
  if (passed < limits_.period_nanos) return;
  const double speed = static_cast<double>(consumed_) / static_cast<double>(passed);
  bytes_per_nano_ = bytes_per_nano_ < 0 ? speed : bytes_per_nano_ + kNewest * (speed - bytes_per_nano_);
  period_began_ = now_nanos;
  consumed_ = 0;
}

int64_t GateCredit::Adapt(int64_t limit) const {
  if (bytes_per_nano_ < 0) return limit;
  const double worth = bytes_per_nano_ * static_cast<double>(limits_.target_nanos);
  const double all = static_cast<double>(limits_.exclusive * std::max(channels_, 1) + limits_.floating);
  if (worth >= all) return limit;
  return std::max<int64_t>(1, static_cast<int64_t>(static_cast<double>(limit) * worth / all));
}

ChannelCredit::ChannelCredit(std::shared_ptr<GateCredit> gate) : gate_(std::move(gate)) { ++gate_->channels_; }

ChannelCredit::~ChannelCredit() {
  --gate_->channels_;
  gate_->free_floating_ += floating_;
}

int64_t ChannelCredit::limit() const { return gate_->Adapt(gate_->limits_.exclusive + floating_); }

bool ChannelCredit::is_short() const { return unspent_ <= limit() / 2; }

Status ChannelCredit::OnData(int64_t cost, int64_t backlog) {
  if (unspent_ <= 0) return DataLossError("broken frame: data came that was not granted");
  unspent_ -= cost;
  queued_ += cost;
  backlog_ = backlog;
  return OkStatus();
}

uint32_t ChannelCredit::TakeGrant() {
  const int64_t in_flight = unspent_ + queued_;
  // What waits beyond what may come anyway is worth floating buffers; those that nothing waits for go back.
  const int64_t wanted = backlog_ - std::max<int64_t>(unspent_, 0);
  if (wanted > 0) {
    const int64_t more = std::min(wanted, gate_->free_floating_);
    floating_ += more;
    gate_->free_floating_ -= more;
  } else if (floating_ > 0) {
    const int64_t needed = std::clamp<int64_t>(in_flight - gate_->limits_.exclusive, 0, floating_);
    gate_->free_floating_ += floating_ - needed;
    floating_ = needed;
  }
  const int64_t may_have = limit();
  const int64_t grant = may_have - in_flight;
  // Small grants cost as much as large ones, and do not matter while the producer has enough.
  if (grant <= 0 || (unspent_ > 0 && grant < may_have / 4)) return 0;
  const int64_t most = std::numeric_limits<int32_t>::max();
  unspent_ += std::min(grant, most);
  return static_cast<uint32_t>(std::min(grant, most));
}

}  // namespace weir
