// Ids of jobs, vertices, attempts and the like. Each is a type of its own, so that one cannot be passed for another.
//
//   JobId id = JobId::Random(random);
//   std::string text = id.ToHex();                          // "a6c9f1…": 32 hexadecimal digits, as Flink prints them
//   WEIR_ASSIGN_OR_RETURN(JobId same, JobId::FromHex(text));
#pragma once

#include <compare>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "weir/base/hash.h"
#include "weir/base/status.h"

namespace weir {

class Random;

// 128 bits. The text form is 32 lower-case hexadecimal digits, the high word first.
struct Id128 {
  uint64_t high = 0;
  uint64_t low = 0;

  static Id128 Random(weir::Random& random);
  // The hash of `text`: the same id wherever it is computed. For ids that follow from a name or a uid.
  static Id128 FromName(std::string_view text);
  // Upper-case digits are accepted. kInvalidArgument names the text and what is wrong with it.
  static StatusOr<Id128> FromHex(std::string_view hex);
  std::string ToHex() const;

  bool IsZero() const { return (high | low) == 0; }
  friend auto operator<=>(const Id128&, const Id128&) = default;
};

inline uint64_t HashOf(const Id128& id) { return HashCombine(id.high, id.low); }
inline uint64_t HashOf(int64_t value) { return Hash64(static_cast<uint64_t>(value)); }
inline uint64_t HashOf(const std::string& text) { return HashBytes(text); }

// A value of type T that only means a `Tag`. The default is T's default and means "none".
template <class Tag, class T>
class StrongId {
 public:
  using ValueType = T;

  constexpr StrongId() = default;
  constexpr explicit StrongId(T value) : value_(std::move(value)) {}

  constexpr const T& value() const { return value_; }

  static StrongId Random(weir::Random& random)
    requires std::same_as<T, Id128>
  {
    return StrongId(T::Random(random));
  }
  static StrongId FromName(std::string_view text)
    requires std::same_as<T, Id128>
  {
    return StrongId(T::FromName(text));
  }
  static StatusOr<StrongId> FromHex(std::string_view hex)
    requires std::same_as<T, Id128>
  {
    WEIR_ASSIGN_OR_RETURN(T value, T::FromHex(hex));
    return StrongId(value);
  }
  std::string ToHex() const
    requires std::same_as<T, Id128>
  {
    return value_.ToHex();
  }
  // What logs and messages show.
  std::string ToString() const {
    if constexpr (std::same_as<T, Id128>) {
      return value_.ToHex();
    } else if constexpr (std::same_as<T, std::string>) {
      return value_;
    } else {
      return std::to_string(value_);
    }
  }

  friend auto operator<=>(const StrongId&, const StrongId&) = default;
  template <class H>
  friend H AbslHashValue(H state, const StrongId& id) {
    return H::combine(std::move(state), HashOf(id.value_));
  }

 private:
  T value_{};
};

using JobId = StrongId<struct JobIdTag, Id128>;
// A job vertex: a chain of operators, as the JobGraph has it.
using VertexId = StrongId<struct VertexIdTag, Id128>;
// An operator; its state is found by it in a savepoint.
using OperatorId = StrongId<struct OperatorIdTag, Id128>;
// One attempt to run one subtask of one vertex.
using ExecutionAttemptId = StrongId<struct ExecutionAttemptIdTag, Id128>;
// A slot as it is given to one job.
using AllocationId = StrongId<struct AllocationIdTag, Id128>;
// One term of a leading JobManager. Messages with another term's id are stale.
using LeaderId = StrongId<struct LeaderIdTag, Id128>;
// A TaskManager's resource id: text, because users may choose it (taskmanager.resource-id).
using TaskManagerId = StrongId<struct TaskManagerIdTag, std::string>;

// The number of a checkpoint or savepoint of a job: 1, 2, 3 and so on.
class CheckpointId : public StrongId<struct CheckpointIdTag, int64_t> {
 public:
  using StrongId::StrongId;
  static constexpr CheckpointId None() { return CheckpointId(); }
  constexpr bool IsNone() const { return value() == 0; }
  constexpr CheckpointId Next() const { return CheckpointId(value() + 1); }
};

}  // namespace weir

template <>
struct std::hash<weir::Id128> {
  size_t operator()(const weir::Id128& id) const { return weir::HashOf(id); }
};
template <class Tag, class T>
struct std::hash<weir::StrongId<Tag, T>> {
  size_t operator()(const weir::StrongId<Tag, T>& id) const { return weir::HashOf(id.value()); }
};
template <>
struct std::hash<weir::CheckpointId> {
  size_t operator()(const weir::CheckpointId& id) const { return weir::HashOf(id.value()); }
};
