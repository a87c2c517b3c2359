// Where the two ends of a channel inside one process find each other.
#pragma once

#include <map>
#include <memory>

#include "weir/base/mutex.h"
#include "weir/rpc/task_deployment.h"
#include "weir/runtime/network/local_channel.h"

namespace weir {

// The first end to ask makes the channel, the second takes it. Any thread.
class ChannelRegistry {
 public:
  std::shared_ptr<LocalChannel> Connect(const ChannelId& id);
  // An end has gone: if its peer never came, the channel is forgotten.
  void Forget(const ChannelId& id);

 private:
  Mutex mutex_;
  // Channels with one end; a channel leaves when the other end has come.
  std::map<ChannelId, std::shared_ptr<LocalChannel>> waiting_ WEIR_GUARDED_BY(mutex_);
};

}  // namespace weir
