#include "weir/runtime/network/remote/peer_link.h"

#include <utility>

namespace weir {
PeerLink::PeerLink(PeerLinkOptions options) : options_(std::move(options)) {
  on_frame_ = [this](const FrameHeader& header, Bytes* payload) { return OnFrame(header, payload); };
}

PeerLink::~PeerLink() {
  for (const auto& [id, output] : outputs_) output->link = nullptr;
  for (const auto& [id, input] : inputs_) input->link = nullptr;
}

void PeerLink::Greet() {
  state_ = State::kGreeting;
  was_refused_ = false;
  reader_ = std::make_unique<FrameReader>(options_.buffers, 0);
  writer_ = std::make_unique<FrameWriter>(options_.has_checksums);
  writer_->Append({.kind = FrameKind::kHello}, EncodeHello(options_.hello));
}

void PeerLink::Accept() {
  // The hello was number 0.
  reader_ = std::make_unique<FrameReader>(options_.buffers, 1);
  writer_ = std::make_unique<FrameWriter>(options_.has_checksums);
  writer_->Append({.kind = FrameKind::kWelcome}, nullptr);
  state_ = State::kUp;
  OpenInputs();
}

void PeerLink::OpenInputs() {
  for (const auto& [id, input] : inputs_) {
    if (!input->has_ended) SendOpen(*input);
  }
}

Status PeerLink::OnGreeting(const FrameHeader& header, std::string_view payload) {
  if (header.kind == FrameKind::kRefused) {
    was_refused_ = true;
    return DecodeRefusal(payload);
  }
  if (header.kind != FrameKind::kWelcome) return DataLossError("broken frame: something came before the welcome");
  state_ = State::kUp;
  OpenInputs();
  return OkStatus();
}

void PeerLink::AddOutput(std::shared_ptr<RemoteOutput> added) {
  RemoteOutput& output = *added;
  output.link = this;
  outputs_[output.id] = std::move(added);
  const auto opening = openings_.find(output.id);
  if (opening == openings_.end()) return;
  Open(output, opening->second.number, opening->second.credit);
  openings_.erase(opening);
}

void PeerLink::AddInput(std::shared_ptr<RemoteInput> added) {
  RemoteInput& input = *added;
  input.link = this;
  inputs_[input.id] = std::move(added);
  if (state_ == State::kUp) SendOpen(input);
}

void PeerLink::RemoveOutput(const ChannelId& id, bool has_finished) {
  const auto found = outputs_.find(id);
  // A finished one removes itself when its end is sent.
  if (found == outputs_.end() || has_finished) return;
  RemoteOutput& output = *found->second;
  output.link = nullptr;
  if (output.is_open) outputs_by_number_[output.number] = nullptr;
  std::erase(turn_, found->second);
  outputs_.erase(found);
}

void PeerLink::RemoveInput(const ChannelId& id) {
  const auto found = inputs_.find(id);
  if (found == inputs_.end()) return;
  RemoteInput& input = *found->second;
  if (state_ == State::kUp && !input.has_ended)
    writer_->Append({.kind = FrameKind::kClose, .channel = input.number}, nullptr);
  input.link = nullptr;
  inputs_by_number_.erase(input.number);
  inputs_.erase(found);
}

void PeerLink::Disconnect(const Status& why) {
  if (state_ == State::kDown) return;
  state_ = State::kDown;
  reader_.reset();
  writer_.reset();
  outputs_by_number_.clear();
  inputs_by_number_.clear();
  openings_.clear();
  turn_.clear();
  const Status lost = Lost(why);
  for (auto at = outputs_.begin(); at != outputs_.end();) {
    const std::shared_ptr<RemoteOutput> output = (at++)->second;
    output->is_open = output->is_in_turn = false;
    output->credit = 0;
    output->announced = 0;
    if (output->has_sent) Fail(*output, lost);
  }
  for (auto at = inputs_.begin(); at != inputs_.end();) {
    const std::shared_ptr<RemoteInput> input = (at++)->second;
    input->credit.Restart();
    if (input->has_received && !input->has_ended) Fail(*input, lost);
  }
}

void PeerLink::GiveUp(const Status& why) {
  Disconnect(why);
  const Status lost = Lost(why);
  while (!outputs_.empty()) Fail(*outputs_.begin()->second, lost);
  for (auto at = inputs_.begin(); at != inputs_.end();) {
    const std::shared_ptr<RemoteInput> input = (at++)->second;
    if (!input->has_ended) Fail(*input, lost);
  }
}

Status PeerLink::Lost(const Status& why) const {
  // kAborted: what broke it is told by the other side, if anybody can.
  return AbortedError("the connection to TaskManager \"" + options_.hello.to.value() + "\" (" + address_ +
                      ") is lost: " + std::string(why.message()));
}

void PeerLink::Fail(RemoteEnd& end, const Status& why) {
  const ExecutionAttemptId task = end.task;
  const ChannelId id = end.id;
  end.link = nullptr;
  outputs_.erase(id);
  inputs_.erase(id);
  options_.on_failure(task, why);
}

Status PeerLink::Received(size_t bytes) {
  Status status = reader_->Take(bytes, on_frame_);
  for (const auto& input : std::exchange(delivered_, {})) {
    input->is_delivered = false;
    input->queue.NotifyConsumer();
    if (input->link != nullptr) Settle(*input);
  }
  return status;
}

Status PeerLink::OnFrame(const FrameHeader& header, Bytes* payload) {
  if (header.kind == FrameKind::kData && state_ == State::kUp) return OnData(header, payload);
  const std::string_view bytes = payload == nullptr ? std::string_view() : ViewOf(*payload);
  Status status;
  if (state_ == State::kGreeting) {
    status = OnGreeting(header, bytes);
  } else {
    switch (header.kind) {
      case FrameKind::kOpen:
        status = OnOpen(header, bytes);
        break;
      case FrameKind::kEvent:
        status = OnEvent(header, bytes);
        break;
      case FrameKind::kAnnounce:
        status = OnAnnounce(header, bytes);
        break;
      case FrameKind::kCredit:
        status = OnCredit(header);
        break;
      case FrameKind::kClose:
        status = OnClose(header);
        break;
      default:
        status = DataLossError("broken frame: kind " + std::to_string(static_cast<int>(header.kind)) +
                               " in the middle of a connection");
    }
  }
  if (payload != nullptr) payload->Release();
  return status;
}

}  // namespace weir
