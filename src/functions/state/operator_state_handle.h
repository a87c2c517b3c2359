// State that belongs to a subtask and not to a key, as the engine sees it; functions use the classes of functions/state/operator_state.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/status.h"

namespace weir {

class Schema;
class StatefulFunction;

// What happens to an operator state's elements when a job is restored at another parallelism.
enum class Redistribution : uint8_t {
  kSplit,      // dealt out evenly
  kUnion,      // every subtask gets all
  kBroadcast,  // every subtask gets one subtask's: they are equal
};

// One operator state of a function, as the engine sees it: elements that are written and read one by one.
class OperatorStateHandle {
 public:
  OperatorStateHandle(const OperatorStateHandle&) = delete;
  OperatorStateHandle& operator=(const OperatorStateHandle&) = delete;

  const std::string& name() const { return name_; }
  Redistribution redistribution() const { return redistribution_; }

  virtual const Schema& schema() const = 0;
  // One serialized element each.
  virtual std::vector<std::string> EncodeElements() const = 0;
  // An element as nobody has set it: where fields that a snapshot does not have come from.
  virtual std::string EncodeDefault() const = 0;
  // Adds an element that EncodeElements gave; kDataLoss if `bytes` are none.
  virtual Status AddEncoded(std::string_view bytes) = 0;

 protected:
  OperatorStateHandle(StatefulFunction* function, std::string_view name, Redistribution redistribution);
  ~OperatorStateHandle() = default;

 private:
  const std::string name_;
  const Redistribution redistribution_;
};

}  // namespace weir
