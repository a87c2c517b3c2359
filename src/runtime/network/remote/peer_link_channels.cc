// What a link does for its channels while there is a connection.
#include <algorithm>
#include <utility>

#include "weir/base/clock.h"
#include "weir/runtime/network/remote/peer_link.h"

namespace weir {
namespace {

// As much as sockets take at once. More would only put off those whose turn comes later.
constexpr size_t kMostWaiting = size_t{256} << 10;

int64_t CostOf(size_t payload) { return static_cast<int64_t>(payload + kFrameHeaderBytes); }

Status UnknownChannel(uint32_t number) {
  return DataLossError("broken frame: it is about channel " + std::to_string(number) + ", which there is not");
}

// How many elements have left the channel, modulo 2^32: what its task took ahead of its turn and has not processed counts only while a barrier is
// overtaking, which would not come else.
uint32_t GoneFrom(const RemoteInput& input) {
  const uint32_t stashed = input.IsOvertaken() ? 0 : input.queue.stashed();
  return input.queue.popped() - stashed;
}

}  // namespace

void RemoteOutput::HandleSignal() {
  if (link != nullptr) link->OnSignal(*this);
}

void RemoteInput::HandleSignal() {
  if (link != nullptr) link->OnSignal(*this);
}

// --- the producer's side ---

Status PeerLink::OnOpen(const FrameHeader& header, std::string_view payload) {
  WEIR_ASSIGN_OR_RETURN(const ChannelId id, DecodeOpen(payload));
  if (outputs_by_number_.contains(header.channel)) {
    return DataLossError("broken frame: channel " + std::to_string(header.channel) + " is opened twice");
  }
  const auto found = outputs_.find(id);
  // Its end would take it out of the map under one of them only.
  if (openings_.contains(id) || (found != outputs_.end() && found->second->is_open)) {
    return DataLossError("broken frame: channel " + std::to_string(header.channel) + " is open under another number");
  }
  outputs_by_number_[header.channel] = nullptr;
  if (found == outputs_.end()) {
    openings_[id] = {.number = header.channel, .credit = header.argument};
  } else {
    Open(*found->second, header.channel, header.argument);
  }
  return OkStatus();
}

void PeerLink::Open(RemoteOutput& output, uint32_t number, int64_t credit) {
  output.is_open = true;
  output.number = number;
  output.credit = credit;
  outputs_by_number_[number] = &output;
  TakeTurn(output);
}

Status PeerLink::OnCredit(const FrameHeader& header) {
  const auto found = outputs_by_number_.find(header.channel);
  if (found == outputs_by_number_.end()) return UnknownChannel(header.channel);
  if (found->second != nullptr) {
    found->second->credit += header.argument;
    TakeTurn(*found->second);
    return OkStatus();
  }
  // The producer has ended, or has yet to come.
  for (auto& [id, opening] : openings_) {
    if (opening.number == header.channel) opening.credit += header.argument;
  }
  return OkStatus();
}

Status PeerLink::OnClose(const FrameHeader& header) {
  const auto found = outputs_by_number_.find(header.channel);
  if (found == outputs_by_number_.end()) return UnknownChannel(header.channel);
  RemoteOutput* const output = found->second;
  outputs_by_number_.erase(found);
  std::erase_if(openings_, [&](const auto& opening) { return opening.second.number == header.channel; });
  // Its task waits for room until it is cancelled too: whoever stops one end of a channel stops the other.
  if (output != nullptr) output->is_open = false;
  return OkStatus();
}

void PeerLink::OnSignal(RemoteOutput& output) { TakeTurn(output); }

void PeerLink::TakeTurn(RemoteOutput& output) {
  if (!output.is_open || std::exchange(output.is_in_turn, true)) return;
  turn_.push_back(outputs_.at(output.id));
}

void PeerLink::Pump() {
  if (state_ != State::kUp) return;
  while (!turn_.empty() && writer_->waiting_bytes() < kMostWaiting) {
    const std::shared_ptr<RemoteOutput> output = std::move(turn_.front());
    turn_.pop_front();
    output->is_in_turn = false;
    if (output->link == nullptr || !output->is_open) continue;
    SendAnnouncement(*output);
    if (SendOne(*output)) {
      if (output->link != nullptr) TakeTurn(*output);
    }
    output->queue.NotifyProducer();
  }
}

bool PeerLink::SendOne(RemoteOutput& output) {
  ChannelElement element;
  if (output.next.has_value()) {
    element = *std::exchange(output.next, std::nullopt);
  } else if (!output.queue.Pop(element)) {
    output.signal.PrepareWait();
    if (output.queue.IsEmpty()) return false;
    output.signal.CancelWait();
    return true;
  }
  // Events wait for nothing but what is before them.
  if (element.wire != nullptr && output.credit <= 0) {
    output.next = element;
    if (output.waits_since == 0) output.waits_since = options_.clock->MonotonicNanos();
    // A barrier that overtakes does not wait for credit, so the task's signals are listened to.
    output.signal.PrepareWait();
    if (output.queue.announced() == output.announced) return false;
    output.signal.CancelWait();
    return true;
  }
  if (output.waits_since != 0) {
    output.queue.AddCreditWait(options_.clock->MonotonicNanos() - std::exchange(output.waits_since, 0));
  }
  Send(output, element);
  return true;
}

void PeerLink::SendAnnouncement(RemoteOutput& output) {
  const int64_t announced = output.queue.announced();
  if (announced == output.announced) return;
  output.announced = announced;
  writer_->Append({.kind = FrameKind::kAnnounce, .channel = output.number}, EncodeAnnouncement(announced));
}

void PeerLink::Send(RemoteOutput& output, const ChannelElement& element) {
  output.has_sent = true;
  if (element.wire != nullptr) {
    const int64_t cost = CostOf(element.wire->used);
    output.credit -= cost;
    // What waits is about as large as what goes.
    const int64_t backlog = std::min<int64_t>(cost * output.queue.size(), UINT32_MAX);
    writer_->Append({.kind = FrameKind::kData, .channel = output.number, .argument = static_cast<uint32_t>(backlog)},
                    element.wire);
    return;
  }
  writer_->Append({.kind = FrameKind::kEvent, .channel = output.number}, EncodeEvent(element.event));
  if (element.event.kind != StreamEvent::Kind::kEndOfData) return;
  outputs_by_number_[output.number] = nullptr;
  output.link = nullptr;
  outputs_.erase(output.id);
}

// --- the consumer's side ---

void PeerLink::SendOpen(RemoteInput& input) {
  input.number = next_number_++;
  inputs_by_number_[input.number] = &input;
  const uint32_t grant = input.credit.TakeGrant();
  writer_->Append({.kind = FrameKind::kOpen, .channel = input.number, .argument = grant}, EncodeOpen(input.id));
}

StatusOr<RemoteInput*> PeerLink::InputOf(uint32_t number) {
  const auto found = inputs_by_number_.find(number);
  if (found != inputs_by_number_.end()) return found->second;
  if (number == 0 || number >= next_number_) return UnknownChannel(number);
  return static_cast<RemoteInput*>(nullptr);
}

Status PeerLink::OnData(const FrameHeader& header, Bytes* payload) {
  StatusOr<RemoteInput*> input = InputOf(header.channel);
  Status status = input.status();
  if (status.ok() && payload == nullptr) status = DataLossError("broken frame: data without a batch");
  const int64_t cost = CostOf(header.length);
  if (status.ok() && *input != nullptr) status = (*input)->credit.OnData(cost, header.argument);
  if (!status.ok() || *input == nullptr) {
    if (payload != nullptr) payload->Release();
    return status;
  }
  (*input)->costs.push_back(static_cast<uint32_t>(cost));
  Deliver(**input, ChannelElement{.wire = payload});
  return OkStatus();
}

Status PeerLink::OnEvent(const FrameHeader& header, std::string_view payload) {
  WEIR_ASSIGN_OR_RETURN(const StreamEvent event, DecodeEvent(payload));
  WEIR_ASSIGN_OR_RETURN(RemoteInput* const input, InputOf(header.channel));
  if (input == nullptr) return OkStatus();
  input->costs.push_back(0);
  if (event.kind == StreamEvent::Kind::kBarrier)
    input->last_barrier = std::max(input->last_barrier, event.checkpoint_id);
  Deliver(*input, ChannelElement{.event = event});
  if (event.kind == StreamEvent::Kind::kEndOfData) {
    input->has_ended = true;
    inputs_by_number_.erase(input->number);
  }
  return OkStatus();
}

Status PeerLink::OnAnnounce(const FrameHeader& header, std::string_view payload) {
  WEIR_ASSIGN_OR_RETURN(const int64_t checkpoint_id, DecodeAnnouncement(payload));
  WEIR_ASSIGN_OR_RETURN(RemoteInput* const input, InputOf(header.channel));
  if (input == nullptr) return OkStatus();
  input->announced = checkpoint_id;
  input->queue.Announce(checkpoint_id);
  MarkDelivered(*input);
  return OkStatus();
}

void PeerLink::Deliver(RemoteInput& input, const ChannelElement& element) {
  input.has_received = true;
  input.queue.Push(element);
  MarkDelivered(input);
}

void PeerLink::MarkDelivered(RemoteInput& input) {
  if (!std::exchange(input.is_delivered, true)) delivered_.push_back(inputs_.at(input.id));
}

void PeerLink::OnSignal(RemoteInput& input) { Settle(input); }

void PeerLink::Settle(RemoteInput& input) {
  for (;;) {
    const uint32_t taken = GoneFrom(input);
    int64_t bytes = 0;
    // Never back: what was granted while a barrier overtook is granted.
    for (; static_cast<int32_t>(taken - input.taken) > 0; ++input.taken) {
      bytes += input.costs.front();
      input.costs.pop_front();
    }
    if (bytes > 0) {
      input.credit.OnConsumed(bytes);
      input.gate->OnConsumed(bytes, options_.clock->MonotonicNanos());
    }
    if (input.queue.HasSurplus()) {
      input.queue.Drain();
      input.queue.NotifyConsumer();
    }
    if (state_ == State::kUp && !input.has_ended) {
      if (const uint32_t grant = input.credit.TakeGrant(); grant > 0)
        writer_->Append({.kind = FrameKind::kCredit, .channel = input.number, .argument = grant}, nullptr);
    }
    if (!input.queue.HasSurplus() && (input.has_ended || !input.credit.is_short())) return;
    input.signal.PrepareWait();
    if (GoneFrom(input) == taken) return;
    input.signal.CancelWait();
  }
}

}  // namespace weir
