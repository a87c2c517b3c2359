#include "weir/runtime/operators/process.h"

#include "weir/runtime/operators/operator_state.h"
#include "weir/state/snapshot/state_converter.h"
#include "weir/types/schema/schema.h"

namespace weir {

void SnapshotOperatorStates(const StatefulFunction& function, OperatorStateWriter& writer) {
  for (const OperatorStateHandle* handle : function.operator_states()) {
    writer.AddElements(handle->name(), handle->redistribution(), handle->EncodeElements(), handle->schema().Encode());
  }
}

int64_t CheckpointIdOf(const OperatorStateWriter& writer) { return writer.checkpoint_id(); }

Status RestoreOperatorStates(StatefulFunction& function, const OperatorStateReader& reader) {
  for (OperatorStateHandle* handle : function.operator_states()) {
    const ListStateParts* const list = reader.FindList(handle->name());
    if (list == nullptr) continue;
    WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> elements,
                          ConvertElements(*list, handle->schema(), handle->EncodeDefault()));
    for (const std::string& element : elements) WEIR_RETURN_IF_ERROR(handle->AddEncoded(element));
  }
  return OkStatus();
}

}  // namespace weir
