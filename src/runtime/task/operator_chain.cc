#include "weir/runtime/task/operator_chain.h"

#include <algorithm>

#include "weir/base/check.h"
#include "weir/runtime/task/user_code.h"

namespace weir {

namespace {

// The coordinator has far fewer under way: of the oldest then a message was lost.
constexpr size_t kMostRunningSnapshots = 256;

}  // namespace

OperatorChain::OperatorChain(std::vector<ChainedOperator> operators, std::vector<PartitionWriter*> writers)
    : writers_(std::move(writers)) {
  for (ChainedOperator& chained : operators) {
    Node node;
    node.op = std::move(chained.op);
    node.name = std::move(chained.name);
    node.output_types = std::move(chained.output_types);
    node.links = std::move(chained.links);
    node.open_inputs = std::max(chained.inputs, 1);
    node.inputs_idle.assign(static_cast<size_t>(chained.inputs), 0);
    node.told_idle = node.inputs_idle;
    nodes_.push_back(std::move(node));
  }
}

BatchOutput* OperatorChain::LinkOutput(Node& node, int output) {
  BatchOutput* const target = Target(node, output);
  if (!counts_) return target;
  node.owned_outputs.push_back(std::make_unique<CountedOutput>(target, node.numbers.get(), &timing_));
  return node.owned_outputs.back().get();
}

BatchOutput* OperatorChain::Target(Node& node, int output) {
  const BatchType* const type = node.output_types[output];
  std::vector<BatchOutput*> targets;
  for (const ChainLink& link : node.links) {
    if (link.output != output) continue;
    if (link.target < 0) {
      targets.push_back(writers_[link.writer]);
      continue;
    }
    Node& target = nodes_[link.target];
    auto chained = std::make_unique<ChainedOutput>(
        type, ChainedTarget{target.op.get(), &target.name, counts_ ? target.numbers.get() : nullptr, &timing_},
        link.target_input, &failure_);
    target.feeding.push_back(chained.get());
    targets.push_back(chained.get());
    node.owned_outputs.push_back(std::move(chained));
  }
  if (targets.size() == 1) return targets.front();
  if (targets.empty()) {
    node.owned_outputs.push_back(std::make_unique<DiscardingOutput>(type));
  } else {
    node.owned_outputs.push_back(std::make_unique<FanOutOutput>(type, std::move(targets)));
  }
  return node.owned_outputs.back().get();
}

Status OperatorChain::Open(const std::function<OperatorContext(size_t)>& context_of) {
  for (size_t i = nodes_.size(); i-- > 0;) {
    Node& node = nodes_[i];
    OperatorContext context = context_of(i);
    timing_.clock = context.clock;
    for (size_t output = 0; output < node.output_types.size(); ++output) {
      context.outputs.push_back(LinkOutput(node, static_cast<int>(output)));
    }
    node.opened = true;
    WEIR_RETURN_IF_ERROR(GuardUserCode(node.name, [&] { return node.op->Open(context); }));
  }
  return OkStatus();
}

template <class Work>
Status OperatorChain::Timed(Node& node, Work&& work) {
  const int64_t began = timing_.Now();
  Status status = GuardUserCode(node.name, work);
  if (timing_.is_on) {
    const int64_t took = timing_.Now() - began;
    node.numbers->self_nanos.Inc(took * timing_.weight);
    timing_.End(took);
  }
  return status;
}

Status OperatorChain::ProcessBatch(int input, BatchBase* batch) {
  Node& head = nodes_.front();
  if (counts_) {
    head.numbers->CountInput(*batch);
    timing_.Begin();
  }
  WEIR_RETURN_IF_ERROR(Timed(head, [&] { return head.op->ProcessBatch(input, batch); }));
  return Settle();
}

Status OperatorChain::EndInput(int input) {
  ending_ = true;
  nodes_.front().ends_waiting.push_back(input);
  return Settle();
}

StatusOr<SourceOperatorBase::Emitted> OperatorChain::EmitNext() {
  Node& head = nodes_.front();
  SourceOperatorBase::Emitted emitted = SourceOperatorBase::Emitted::kIdle;
  if (counts_) timing_.Begin();
  WEIR_RETURN_IF_ERROR(Timed(head, [&] {
    StatusOr<SourceOperatorBase::Emitted> result = static_cast<SourceOperatorBase&>(*head.op).EmitNext();
    if (result.ok()) emitted = *result;
    return result.status();
  }));
  if (emitted == SourceOperatorBase::Emitted::kEnd) {
    WEIR_RETURN_IF_ERROR(EndInput(0));
  } else {
    WEIR_RETURN_IF_ERROR(Settle());
  }
  return emitted;
}

Status OperatorChain::EndSource() {
  Node& head = nodes_.front();
  WEIR_RETURN_IF_ERROR(GuardUserCode(head.name, [&] { return static_cast<SourceOperatorBase&>(*head.op).EndEarly(); }));
  return EndInput(0);
}

bool OperatorChain::NodeHasWork(const Node& node) const {
  if (node.op->HasWork()) return true;
  return std::any_of(node.feeding.begin(), node.feeding.end(),
                     [](const ChainedOutput* feed) { return !feed->empty(); });
}

Status OperatorChain::Resume(uint32_t budget) {
  for (size_t i = nodes_.size(); i-- > 0;) {
    if (!NodeHasWork(nodes_[i])) continue;
    WEIR_RETURN_IF_ERROR(Advance(nodes_[i], budget));
    break;  // the consumers of what this made come first
  }
  return Settle();
}

Status OperatorChain::Advance(Node& node, uint32_t budget) {
  if (node.op->HasWork()) WEIR_RETURN_IF_ERROR(GuardUserCode(node.name, [&] { return node.op->Resume(budget); }));
  for (ChainedOutput* feed : node.feeding) {
    if (node.op->HasWork()) break;
    feed->Drain(budget);
  }
  return OkStatus();
}

Status OperatorChain::Settle() {
  WEIR_RETURN_IF_ERROR(failure_);
  if (ending_) WEIR_RETURN_IF_ERROR(PassEndsInOrder());
  // Resume takes the last node that has work. While that one waits, so do those in front of it: what they make would only pile up.
  const auto last =
      std::find_if(nodes_.rbegin(), nodes_.rend(), [this](const Node& node) { return NodeHasWork(node); });
  has_work_ = last != nodes_.rend();
  can_resume_ = has_work_ && !(last->op->HasWork() && last->op->IsWaiting());
  return OkStatus();
}

Status OperatorChain::PassEndsInOrder() {
  for (Node& node : nodes_) {
    WEIR_RETURN_IF_ERROR(PassEnds(node));
    WEIR_RETURN_IF_ERROR(failure_);
  }
  finished_ = std::all_of(nodes_.begin(), nodes_.end(), [](const Node& node) { return node.ended; });
  return OkStatus();
}

Status OperatorChain::PassEnds(Node& node) {
  if (node.ended) return OkStatus();
  while (!node.ends_waiting.empty() && !NodeHasWork(node)) {
    const int input = node.ends_waiting.front();
    node.ends_waiting.erase(node.ends_waiting.begin());
    --node.open_inputs;
    WEIR_RETURN_IF_ERROR(GuardUserCode(node.name, [&] { return node.op->EndInput(input); }));
  }
  if (node.open_inputs > 0 || NodeHasWork(node)) return OkStatus();
  // What the operator still holds open goes out before its consumers hear of the end.
  WEIR_RETURN_IF_ERROR(GuardUserCode(node.name, [&] { return node.op->EndStep(); }));
  node.ended = true;
  for (const ChainLink& link : node.links) {
    if (link.target >= 0) nodes_[link.target].ends_waiting.push_back(link.target_input);
  }
  return OkStatus();
}

Status OperatorChain::EndStep() {
  for (Node& node : nodes_) WEIR_RETURN_IF_ERROR(GuardUserCode(node.name, [&] { return node.op->EndStep(); }));
  WEIR_RETURN_IF_ERROR(PassIdleness());
  return Settle();
}

Status OperatorChain::PassIdleness() {
  for (Node& node : nodes_) {
    if (node.ended || NodeHasWork(node)) continue;  // what is still to be emitted comes first
    WEIR_RETURN_IF_ERROR(TellInputs(node));
    if (NodeHasWork(node)) continue;
    const bool is_idle = node.op->IsIdle(node.AllInputsIdle());
    if (is_idle != node.is_idle) TellConsumers(node, is_idle);
  }
  return failure_;
}

Status OperatorChain::TellInputs(Node& node) {
  for (size_t input = 0; input < node.inputs_idle.size(); ++input) {
    if (node.told_idle[input] == node.inputs_idle[input]) continue;
    node.told_idle[input] = node.inputs_idle[input];
    WEIR_RETURN_IF_ERROR(GuardUserCode(node.name, [&] {
      WEIR_RETURN_IF_ERROR(node.op->OnInputIdle(static_cast<int>(input), node.inputs_idle[input] != 0));
      return node.op->EndStep();
    }));
  }
  return OkStatus();
}

void OperatorChain::TellConsumers(Node& node, bool is_idle) {
  node.is_idle = is_idle;
  for (const ChainLink& link : node.links) {
    if (link.target >= 0) {
      nodes_[link.target].inputs_idle[link.target_input] = is_idle;
    } else {
      writers_[link.writer]->Emit({.kind = is_idle ? StreamEvent::Kind::kIdle : StreamEvent::Kind::kActive});
    }
  }
}

EventTime OperatorChain::NextProcessingTime() const {
  EventTime next = kNoEventTime;
  for (const Node& node : nodes_) {
    const EventTime time = node.op->NextProcessingTime();
    if (time != kNoEventTime && (next == kNoEventTime || time < next)) next = time;
  }
  return next;
}

Status OperatorChain::OnProcessingTime(EventTime now) {
  for (Node& node : nodes_) {
    const EventTime due = node.op->NextProcessingTime();
    if (due == kNoEventTime || due > now) continue;
    WEIR_RETURN_IF_ERROR(GuardUserCode(node.name, [&] { return node.op->OnProcessingTime(now); }));
  }
  return Settle();
}

Status OperatorChain::Restore(size_t i, OperatorStateParts state) {
  Node& node = nodes_[i];
  OperatorStateReader reader(std::move(state));
  return GuardUserCode(node.name, [&] { return node.op->Restore(reader); });
}

Status OperatorChain::HoldRestored(size_t i, BatchBase* batch) {
  WEIR_CHECK(i > 0) << "the head has channels";
  nodes_[i].feeding.front()->Hold(batch);
  return Settle();
}

StatusOr<std::vector<OperatorStateParts>> OperatorChain::Snapshot(CheckpointId id) {
  WEIR_CHECK(!has_work_) << "a snapshot in the middle of an operator's work";
  std::vector<OperatorStateParts> states;
  for (Node& node : nodes_) {
    OperatorStateWriter writer(id.value(), /*may_run_on=*/true);
    WEIR_RETURN_IF_ERROR(GuardUserCode(node.name, [&] { return node.op->Snapshot(writer); }));
    states.push_back(writer.TakeParts());
  }
  for (const OperatorStateParts& state : states) {
    for (const auto& keyed : state.running) running_.push_back({id, keyed});
  }
  if (running_.size() > kMostRunningSnapshots) ForgetSnapshot(running_.front().id);
  return states;
}

bool OperatorChain::AdvanceSnapshots() {
  bool has_more = false;
  for (const RunningSnapshot& running : running_) has_more |= running.keyed->Advance();
  return has_more;
}

void OperatorChain::ForgetSnapshot(CheckpointId id) {
  std::erase_if(running_, [&](const RunningSnapshot& running) { return running.id == id; });
}

Status OperatorChain::NotifyCheckpointComplete(CheckpointId id) {
  for (const RunningSnapshot& running : running_) {
    if (running.id == id) running.keyed->OnComplete();
  }
  ForgetSnapshot(id);
  for (Node& node : nodes_)
    WEIR_RETURN_IF_ERROR(GuardUserCode(node.name, [&] { return node.op->NotifyCheckpointComplete(id.value()); }));
  return OkStatus();
}

Status OperatorChain::NotifyCheckpointAborted(CheckpointId id) {
  ForgetSnapshot(id);
  for (Node& node : nodes_)
    WEIR_RETURN_IF_ERROR(GuardUserCode(node.name, [&] { return node.op->NotifyCheckpointAborted(id.value()); }));
  return OkStatus();
}

Status OperatorChain::Close(bool failed) {
  Status first;
  for (Node& node : nodes_) {
    if (node.opened) first.Update(GuardUserCode(node.name, [&] { return node.op->Close(failed); }));
  }
  return first;
}

}  // namespace weir
