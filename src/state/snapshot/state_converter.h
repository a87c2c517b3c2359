// Turns the stored bytes of one keyed state into those of its type as it is now (types/schema/value_converter.h), whatever its kind: lists and maps have
// times between their elements.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/coding.h"
#include "weir/base/status.h"
#include "weir/functions/state/keyed_rows.h"
#include "weir/state/snapshot/operator_state_parts.h"
#include "weir/types/schema/schema.h"
#include "weir/types/schema/value_converter.h"

namespace weir {

class StateConverter {
 public:
  // `ops`: of the state now. kFailedPrecondition as ValueConverter::Of.
  static StatusOr<StateConverter> Of(StateKind kind, const Schema& stored, const ValueOps& ops);

  bool is_identity() const;
  // The bytes of one value, without the time before it. kDataLoss if they are damaged. The result is valid until the next call.
  StatusOr<std::string_view> Convert(std::string_view value);
  // Of values of one length, if they are only copied.
  std::optional<FixedConversion> AsFixed() const;

 private:
  explicit StateConverter(StateKind kind) : kind_(kind) {}
  void ConvertElements(ByteReader& in);

  StateKind kind_;
  bool keys_get_other_hashes_ = false;  // of maps
  std::vector<ValueConverter> parts_;   // the value; of a list its element; of a map key and value
  ByteWriter out_;
};

// The elements of a list or broadcast state as its type is now; `now` and `default_element` are OperatorStateHandle's. As they are if `list` has no schema.
StatusOr<std::vector<std::string>> ConvertElements(const ListStateParts& list, const Schema& now,
                                                   std::string_view default_element);

}  // namespace weir
