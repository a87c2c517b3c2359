#include "weir/runtime/task/user_code.h"

#include <cxxabi.h>

#include <cstdlib>
#include <exception>
#include <string>
#include <typeinfo>

#include "weir/base/status_exception.h"

namespace weir {

namespace {

std::string Demangled(const std::type_info& type) {
  int failed = 0;
  char* const name = abi::__cxa_demangle(type.name(), nullptr, nullptr, &failed);
  std::string text = failed == 0 ? name : type.name();
  std::free(name);
  return text;
}

std::string Quoted(std::string_view operator_name) {
  std::string text = "operator \"";
  text.append(operator_name).append("\"");
  return text;
}

}  // namespace

Status NameOperator(std::string_view operator_name, const Status& status) {
  return status.Annotate(Quoted(operator_name));
}

Status DescribeCurrentException(std::string_view operator_name) {
  std::string what = Quoted(operator_name) + " threw ";
  try {
    throw;
  } catch (const StatusException& exception) {
    return NameOperator(operator_name, exception.status());
  } catch (const std::exception& exception) {
    what += Demangled(typeid(exception)) + ": " + exception.what();
  } catch (...) {
    const std::type_info* const type = abi::__cxa_current_exception_type();
    what += type != nullptr ? "a " + Demangled(*type) : std::string("something that is no C++ exception");
  }
  return Status(StatusCode::kUnknown, std::move(what));
}

}  // namespace weir
