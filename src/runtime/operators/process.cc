#include "weir/runtime/operators/process.h"

#include "weir/runtime/operators/operator_state.h"
#include "weir/types/schema/schema.h"

namespace weir {

void SnapshotOperatorStates(const StatefulFunction& function, OperatorStateWriter& writer) {
  for (const OperatorStateHandle* handle : function.operator_states()) {
    writer.AddElements(handle->name(), handle->redistribution(), handle->EncodeElements(), handle->schema().Encode());
  }
}

Status RestoreOperatorStates(StatefulFunction& function, const OperatorStateReader& reader) {
  for (OperatorStateHandle* handle : function.operator_states()) {
    for (const std::string& element : reader.Elements(handle->name()))
      WEIR_RETURN_IF_ERROR(handle->AddEncoded(element));
  }
  return OkStatus();
}

}  // namespace weir
