// How the plan makes what runs: one small factory per operator and per keyed or custom edge.
//
// The typed API derives these, since it knows the record types; everything else only keeps and calls them. What they make belongs to the runtime, a
// higher layer, so its classes are only declared here, and `Make` returns a plain pointer: a unique_ptr per operator type in API templates is what
// makes jobs slow to compile. The caller owns the result and wraps it at once.
//
// Threads: a factory is immutable; `Make` may run on several threads at a time, one call per subtask. User constructors run in it and may throw.
#pragma once

namespace weir {

class KeyHasher;       // runtime/operators/operator.h
class Operator;        // runtime/operators/operator.h
class RowPartitioner;  // runtime/operators/operator.h

class OperatorFactory {
 public:
  virtual ~OperatorFactory() = default;
  // A new operator; of a source node, one that derives from SourceOperatorBase. Never null; the caller owns it.
  virtual Operator* Make() const = 0;
};

// For edges with Partitioner::kHash.
class KeyHasherFactory {
 public:
  virtual ~KeyHasherFactory() = default;
  // Never null; the caller owns it.
  virtual KeyHasher* Make() const = 0;
};

// For edges with Partitioner::kCustom.
class RowPartitionerFactory {
 public:
  virtual ~RowPartitionerFactory() = default;
  // Never null; the caller owns it.
  virtual RowPartitioner* Make() const = 0;
};

}  // namespace weir
