// What all streams have in common, whatever flows in them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/api/plan.h"
#include "weir/functions/state/stateful_function.h"
#include "weir/functions/watermark_generator.h"

namespace weir {

// A handle on one or more outputs of the plan; cheap to copy. Valid as long as its environment.
class StreamBase {
 public:
  StreamBase(std::shared_ptr<Plan> plan, std::vector<StreamOrigin> origins);
  // Not inline: a program has some for every operator.
  StreamBase(const StreamBase&);
  StreamBase(StreamBase&&) noexcept;
  StreamBase& operator=(const StreamBase&);
  StreamBase& operator=(StreamBase&&) noexcept;
  ~StreamBase();

  Plan& plan() const { return *plan_; }
  const std::shared_ptr<Plan>& shared_plan() const { return plan_; }
  const std::vector<StreamOrigin>& origins() const { return origins_; }

 protected:
  // The operator that made this stream; an error that names `what` if it is a union or a partitioning.
  StreamNode* OwnNode(std::string_view what) const;
  void SetName(std::string_view name) const;
  void SetUid(std::string_view uid) const;
  void SetUidHash(std::string_view hash) const;
  void SetNodeParallelism(int parallelism) const;
  void SetNodeMaxParallelism(int max_parallelism) const;
  void SetNodeNonParallel() const;
  void SetNodeChaining(ChainingStrategy strategy) const;
  void SetNodeSlotSharingGroup(std::string_view group) const;
  void SetNodeBufferTimeout(Duration timeout) const;
  // The same outputs, spread in another way.
  StreamBase Partitioned(Partitioner partitioner) const;
  StreamBase PartitionedBy(const RowPartitionerFactory* partitioner) const;
  StreamBase PartitionedByKey(const KeyHasherFactory* hasher) const;
  StreamBase SideOutputOf(std::string_view tag, const BatchType* type) const;
  // Adds an operator behind this stream; `planned`: its function, if that has states.
  StreamBase Add(std::string_view name, const OperatorFactory* factory, const BatchType& input, const BatchType& output,
                 const StatefulFunction* planned = nullptr) const;
  // The same for a keyed operator; `planned` says which states it has.
  StreamBase AddKeyedNode(std::string_view name, const OperatorFactory* factory, const BatchType& input,
                          const BatchType& output, const Schema& (*key_schema)(),
                          const StatefulFunction& planned) const;
  // Of a strategy that is not a source's.
  void CheckStrategy(const EventTimeStrategy& strategy) const;
  StreamBase AddSink(std::string name, const OperatorFactory* factory, const BatchType& input, bool blocking) const;

 private:
  std::shared_ptr<Plan> plan_;
  std::vector<StreamOrigin> origins_;
};

// A sink of the plan. Give one that commits a uid: its committables are state.
class DataStreamSink : public StreamBase {
 public:
  explicit DataStreamSink(StreamBase made);
  DataStreamSink& Name(std::string_view name) { return SetName(name), *this; }
  DataStreamSink& Uid(std::string_view uid) { return SetUid(uid), *this; }
  DataStreamSink& SetUidHash(std::string_view hash) { return StreamBase::SetUidHash(hash), *this; }
  DataStreamSink& SetParallelism(int parallelism) { return SetNodeParallelism(parallelism), *this; }
  DataStreamSink& SetMaxParallelism(int max_parallelism) { return SetNodeMaxParallelism(max_parallelism), *this; }
  DataStreamSink& DisableChaining() { return SetNodeChaining(ChainingStrategy::kNever), *this; }
  DataStreamSink& SlotSharingGroup(std::string_view group) { return SetNodeSlotSharingGroup(group), *this; }
};

}  // namespace weir
