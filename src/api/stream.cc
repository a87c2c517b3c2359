#include "weir/api/stream.h"

namespace weir {

StreamBase::StreamBase(std::shared_ptr<Plan> plan, std::vector<StreamOrigin> origins)
    : plan_(std::move(plan)), origins_(std::move(origins)) {}
StreamBase::StreamBase(const StreamBase&) = default;
StreamBase::StreamBase(StreamBase&&) noexcept = default;
StreamBase& StreamBase::operator=(const StreamBase&) = default;
StreamBase& StreamBase::operator=(StreamBase&&) noexcept = default;
StreamBase::~StreamBase() = default;

StreamNode* StreamBase::OwnNode(std::string_view what) const {
  const StreamOrigin& origin = origins_.front();
  if (origins_.size() == 1 && origin.side_output.empty() && origin.partitioner == Partitioner::kAuto)
    return &plan_->node(origin.node);
  plan_->AddError(std::string(what) +
                  " was called on a stream that no operator made (a union, a partitioning or a side output of \"" +
                  plan_->node(origin.node).name + "\"); call it right behind the operator that it is meant for");
  return nullptr;
}

void StreamBase::SetName(std::string_view name) const {
  if (StreamNode* node = OwnNode("Name")) node->name = std::string(name);
}

void StreamBase::SetUid(std::string_view uid) const {
  if (StreamNode* node = OwnNode("Uid")) node->uid = std::string(uid);
}

void StreamBase::SetUidHash(std::string_view hash) const {
  if (StreamNode* node = OwnNode("SetUidHash")) node->uid_hash = std::string(hash);
}

void StreamBase::SetNodeParallelism(int parallelism) const {
  StreamNode* node = OwnNode("SetParallelism");
  if (node == nullptr) return;
  if (parallelism < 1)
    plan_->AddError("operator \"" + node->name + "\": parallelism " + std::to_string(parallelism) + " is not >= 1");
  node->parallelism = parallelism;
}

void StreamBase::SetNodeNonParallel() const {
  if (StreamNode* node = OwnNode("ForceNonParallel")) node->is_non_parallel = true;
}

void StreamBase::SetNodeMaxParallelism(int max_parallelism) const {
  if (StreamNode* node = OwnNode("SetMaxParallelism")) node->max_parallelism = max_parallelism;
}

void StreamBase::SetNodeChaining(ChainingStrategy strategy) const {
  if (StreamNode* node = OwnNode("StartNewChain or DisableChaining")) node->chaining = strategy;
}

void StreamBase::SetNodeSlotSharingGroup(std::string_view group) const {
  if (StreamNode* node = OwnNode("SlotSharingGroup")) node->slot_sharing_group = std::string(group);
}

void StreamBase::SetNodeBufferTimeout(Duration timeout) const {
  if (StreamNode* node = OwnNode("SetBufferTimeout")) node->buffer_timeout_ms = timeout.count();
}

StreamBase StreamBase::Partitioned(Partitioner partitioner) const {
  StreamBase stream = *this;
  for (StreamOrigin& origin : stream.origins_) {
    origin.partitioner = partitioner;
    origin.key_hasher = nullptr;
    origin.custom_partitioner = nullptr;
  }
  return stream;
}

StreamBase StreamBase::PartitionedBy(const RowPartitionerFactory* partitioner) const {
  const std::shared_ptr<const RowPartitionerFactory> shared(partitioner);
  StreamBase stream = Partitioned(Partitioner::kCustom);
  for (StreamOrigin& origin : stream.origins_) origin.custom_partitioner = shared;
  return stream;
}

StreamBase StreamBase::PartitionedByKey(const KeyHasherFactory* hasher) const {
  const std::shared_ptr<const KeyHasherFactory> shared(hasher);
  StreamBase stream = Partitioned(Partitioner::kHash);
  for (StreamOrigin& origin : stream.origins_) origin.key_hasher = shared;
  return stream;
}

StreamBase StreamBase::SideOutputOf(std::string_view tag, const BatchType* type) const {
  const StreamNode* const node = OwnNode("GetSideOutput");
  if (node == nullptr) return *this;
  plan_->DeclareSideOutput(node->id, tag, type);
  return {plan_, {StreamOrigin{.node = node->id, .side_output = std::string(tag)}}};
}

StreamBase StreamBase::Add(std::string_view name, const OperatorFactory* factory, const BatchType& input,
                           const BatchType& output, const StatefulFunction* planned) const {
  OperatorSpec spec{.name = std::string(name), .factory = factory, .inputs = {&input}, .output = &output};
  const int node = plan_->AddOperator(std::move(spec), {origins_});
  if (planned != nullptr) plan_->DeclareStates(node, *planned);
  return {plan_, {StreamOrigin{.node = node}}};
}

StreamBase StreamBase::AddKeyedNode(std::string_view name, const OperatorFactory* factory, const BatchType& input,
                                    const BatchType& output, const Schema& (*key_schema)(),
                                    const StatefulFunction& planned) const {
  OperatorSpec spec{
      .name = std::string(name), .factory = factory, .inputs = {&input}, .output = &output, .key_schema = key_schema};
  const int node = plan_->AddOperator(std::move(spec), {origins_});
  plan_->DeclareStates(node, planned);
  return {plan_, {StreamOrigin{.node = node}}};
}

void StreamBase::CheckStrategy(const EventTimeStrategy& strategy) const {
  plan_->Check(strategy.Check(), "Timestamps/Watermarks");
  if (!strategy.is_aligned()) return;
  plan_->AddError("AssignTimestampsAndWatermarks cannot align watermarks (group \"" + strategy.alignment.group +
                  "\"): only sources can pause. Give the strategy to FromSource instead");
}

StreamBase StreamBase::AddSink(std::string name, const OperatorFactory* factory, const BatchType& input,
                               bool blocking) const {
  OperatorSpec spec{.name = std::move(name),
                    .kind = NodeKind::kSink,
                    .factory = factory,
                    .inputs = {&input},
                    .is_blocking = blocking};
  return {plan_, {StreamOrigin{.node = plan_->AddOperator(std::move(spec), {origins_})}}};
}

DataStreamSink::DataStreamSink(StreamBase made) : StreamBase(std::move(made)) {}

}  // namespace weir
