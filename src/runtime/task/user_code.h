// The edge between the engine and user code.
#pragma once

#include <string_view>

#include "weir/base/status.h"

namespace weir {

// To be called in a catch block: what was thrown, and by which operator. A StatusException is the status it carries.
Status DescribeCurrentException(std::string_view operator_name);
// The status with the operator's name before its message.
Status NameOperator(std::string_view operator_name, const Status& status);

// Runs `call`, which returns a Status; exceptions become errors here, so that none crosses into the engine.
template <class Call>
Status GuardUserCode(std::string_view operator_name, Call&& call) {
  try {
    Status status = call();
    if (status.ok()) [[likely]]
      return status;
    return NameOperator(operator_name, status);
  } catch (...) {
    return DescribeCurrentException(operator_name);
  }
}

}  // namespace weir
