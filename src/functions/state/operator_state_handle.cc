#include "weir/functions/state/operator_state_handle.h"

#include "weir/functions/state/stateful_function.h"

namespace weir {

OperatorStateHandle::OperatorStateHandle(StatefulFunction* function, std::string_view name,
                                         Redistribution redistribution)
    : name_(name), redistribution_(redistribution) {
  function->operator_states_.push_back(this);
}

}  // namespace weir
