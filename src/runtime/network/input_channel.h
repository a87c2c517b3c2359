// The consumer's end of one channel: the queue, and in front of it what was taken out ahead of its turn.
//
// While a barrier overtakes (docs/checkpointing.md, step 4), a copy is made of everything that comes before it: of what was read and not processed, then
// of what lies in the queue. The queue is emptied as soon as the producer has announced the barrier, so that it comes at the speed of memory (or of the
// network), not of the operators; what is taken out waits here and is processed in its turn.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>

#include "weir/base/coding.h"
#include "weir/runtime/network/local_channel.h"
#include "weir/types/batch_pool.h"

namespace weir {

// In-flight data of one channel, as a checkpoint stores it.
struct CapturedChannel {
  int32_t edge = 0;     // position of its edge among the vertex' inputs
  int32_t index = 0;    // of the channel among those of that edge
  std::string batches;  // encoded (docs/formats/batch.md), each behind its length
};

// Threads: the consuming task's.
class InputChannel {
 public:
  explicit InputChannel(std::shared_ptr<LocalChannel> queue) : queue_(std::move(queue)) {}
  InputChannel(InputChannel&&) = default;
  InputChannel& operator=(InputChannel&&) = default;
  // Recycles what waits.
  ~InputChannel();

  // The next element in its turn.
  bool Pop(ChannelElement& element) {
    if (detour_ != nullptr) [[unlikely]]
      return PopDetour(element);
    return PopQueue(element);
  }
  bool IsEmpty() const { return (detour_ == nullptr || detour_->stash.empty()) && queue_->IsEmpty(); }
  // Elements that wait.
  int64_t size() const {
    return static_cast<int64_t>(queue_->size() + (detour_ == nullptr ? 0 : detour_->stash.size()));
  }
  // Ends a step: wakes the producer if something was taken.
  void NotifyProducer() {
    if (std::exchange(popped_, false)) queue_->NotifyProducer();
  }

  int64_t announced() const { return queue_->announced(); }
  // Begins to copy what comes before barrier `id` or the channel's end. `views`: makes views of shared batches.
  void BeginCapture(int64_t id, BatchPool& views);
  // Goes on with it, if the barrier is announced; true: it is complete (or there is none).
  bool AdvanceCapture();
  // What was copied: encoded batches, each behind its length. Ends the capture, complete or not.
  std::string EndCapture();
  // Puts a batch behind what waits: in-flight data of a restored checkpoint.
  void Restore(BatchBase* batch);

 private:
  struct Detour {
    std::deque<ChannelElement> stash;
    int64_t capturing = 0;  // the checkpoint; 0: none
    bool is_complete = false;
    bool is_lost = false;  // a newer barrier came: the producer has given this one up
    ByteWriter copied;
    BatchPool* views = nullptr;
  };
  Detour& MakeDetour() {
    if (detour_ == nullptr) detour_ = std::make_unique<Detour>();
    return *detour_;
  }
  bool PopQueue(ChannelElement& element) {
    if (!queue_->Pop(element)) return false;
    popped_ = true;
    return true;
  }
  bool IsCopying() const { return detour_->capturing != 0 && !detour_->is_complete && !detour_->is_lost; }
  bool PopDetour(ChannelElement& element);
  // The producer is to know how much waits.
  void TellStashed();
  // Copies `element` if it is a batch, and makes it the channel's own. False: it was the barrier, and is gone.
  bool Copy(ChannelElement& element);

  std::shared_ptr<LocalChannel> queue_;
  bool popped_ = false;
  std::unique_ptr<Detour> detour_;  // null nearly always
};

}  // namespace weir
