// A stream between a TaskManager and its JobManager that loses, delays, doubles and reorders messages, all as its seed says.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "weir/base/execution/simulated_executor.h"
#include "weir/base/hash.h"
#include "weir/base/random.h"
#include "weir/rpc/wire/message_sequence.h"
#include "weir/rpc/wire/task_manager_messages.h"

namespace weir::simulation_test {

// How often of a thousand messages.
struct LinkFaults {
  int dropped = 0;
  int delayed = 0;
  int doubled = 0;
  int reordered = 0;
};

// What all links share.
struct Network {
  SimulatedExecutor* simulation = nullptr;
  Random* random = nullptr;
  LinkFaults faults = {};
  std::string log = {};  // every message and every fault, a line each
  int64_t doubled = 0;   // messages that came twice and were dropped

  void Log(const std::string& line) {
    log += std::to_string(simulation->clock().MonotonicNanos() / 1'000'000) + " " + line + "\n";
  }
  bool Happens(int of_a_thousand) {
    return of_a_thousand > 0 && random->Uniform(1000) < static_cast<uint64_t>(of_a_thousand);
  }
};

// One direction. What is sent is serialized, travels, and comes out of `deliver` on the receiver's lane, in order and once, or the link is broken.
template <class Message>
class FaultyDirection final : public MessageSink<Message>,
                              public std::enable_shared_from_this<FaultyDirection<Message>> {
 public:
  using Deliver = std::function<Status(const Message&)>;
  using Break = std::function<void(const Status&)>;

  FaultyDirection(Network* network, std::string name, Executor* receiver, Deliver deliver, Break on_break)
      : network_(network),
        name_(std::move(name)),
        receiver_(receiver),
        deliver_(std::move(deliver)),
        break_(std::move(on_break)) {}

  void Send(const Message& message) override {
    if (is_closed_) return;
    Message numbered = message;
    numbered.set_sequence(numbers_.Next());
    const std::string bytes = numbered.SerializeAsString();
    network_->Log(name_ + " " + std::to_string(numbered.message_case()) + " " + std::to_string(HashBytes(bytes)));
    const int64_t now = network_->simulation->clock().MonotonicNanos();
    int64_t travel = 1'000'000;
    if (network_->Happens(network_->faults.delayed)) {
      travel += static_cast<int64_t>(network_->random->Uniform(2'000)) * 1'000'000;
      network_->Log(name_ + " delayed");
    }
    // What comes behind waits: it is a stream.
    last_arrival_ = std::max(last_arrival_, now + travel);
    int64_t arrival = last_arrival_;
    if (network_->Happens(network_->faults.reordered)) {
      arrival += 20'000'000;
      network_->Log(name_ + " reordered");
    }
    if (network_->Happens(network_->faults.dropped)) {
      network_->Log(name_ + " dropped");
      return;
    }
    Arrive(bytes, arrival - now);
    if (network_->Happens(network_->faults.doubled)) {
      network_->Log(name_ + " doubled");
      Arrive(bytes, arrival - now + 5'000'000);
    }
  }
  void Close() { is_closed_ = true; }

 private:
  void Arrive(const std::string& bytes, int64_t after) {
    receiver_->PostAfter(std::chrono::nanoseconds(after), [weak = this->weak_from_this(), bytes] {
      const auto self = weak.lock();
      if (self == nullptr || self->is_closed_) return;
      self->Take(bytes);
    });
  }
  void Take(const std::string& bytes) {
    Message message;
    Status status = message.ParseFromString(bytes) ? OkStatus() : DataLossError("what came is no message");
    if (status.ok()) {
      const StatusOr<bool> is_new = check_.Take(message.sequence());
      if (is_new.ok() && !*is_new) {
        ++network_->doubled;
        return;
      }
      status = is_new.status();
    }
    if (status.ok()) status = deliver_(message);
    if (!status.ok()) break_(status);
  }

  Network* const network_;
  const std::string name_;
  Executor* const receiver_;
  const Deliver deliver_;
  const Break break_;
  SequenceNumbers numbers_;
  SequenceCheck check_;
  int64_t last_arrival_ = 0;
  bool is_closed_ = false;
};

}  // namespace weir::simulation_test
