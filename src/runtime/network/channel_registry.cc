#include "weir/runtime/network/channel_registry.h"

namespace weir {

std::shared_ptr<LocalChannel> ChannelRegistry::Connect(const ChannelId& id) {
  MutexLock lock(mutex_);
  const auto found = waiting_.find(id);
  if (found == waiting_.end()) return waiting_.emplace(id, std::make_shared<LocalChannel>()).first->second;
  std::shared_ptr<LocalChannel> channel = std::move(found->second);
  waiting_.erase(found);
  return channel;
}

void ChannelRegistry::Forget(const ChannelId& id) {
  MutexLock lock(mutex_);
  waiting_.erase(id);
}

}  // namespace weir
