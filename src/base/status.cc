#include "weir/base/status.h"

#include <cstdio>
#include <cstdlib>

namespace weir {

std::string_view StatusCodeName(StatusCode code) {
  switch (code) {
    case StatusCode::kOk:
      return "OK";
    case StatusCode::kCancelled:
      return "CANCELLED";
    case StatusCode::kUnknown:
      return "UNKNOWN";
    case StatusCode::kInvalidArgument:
      return "INVALID_ARGUMENT";
    case StatusCode::kDeadlineExceeded:
      return "DEADLINE_EXCEEDED";
    case StatusCode::kNotFound:
      return "NOT_FOUND";
    case StatusCode::kAlreadyExists:
      return "ALREADY_EXISTS";
    case StatusCode::kPermissionDenied:
      return "PERMISSION_DENIED";
    case StatusCode::kResourceExhausted:
      return "RESOURCE_EXHAUSTED";
    case StatusCode::kFailedPrecondition:
      return "FAILED_PRECONDITION";
    case StatusCode::kAborted:
      return "ABORTED";
    case StatusCode::kOutOfRange:
      return "OUT_OF_RANGE";
    case StatusCode::kUnimplemented:
      return "UNIMPLEMENTED";
    case StatusCode::kInternal:
      return "INTERNAL";
    case StatusCode::kUnavailable:
      return "UNAVAILABLE";
    case StatusCode::kDataLoss:
      return "DATA_LOSS";
  }
  return "UNKNOWN";
}

Status::Status(StatusCode code, std::string message) {
  if (code != StatusCode::kOk) error_ = std::make_unique<Error>(Error{code, std::move(message)});
}

Status::Status(const Status& other) {
  if (other.error_ != nullptr) error_ = std::make_unique<Error>(*other.error_);
}

Status& Status::operator=(const Status& other) {
  if (this != &other) *this = Status(other);
  return *this;
}

Status Status::Annotate(std::string_view prefix) const {
  if (ok()) return OkStatus();
  std::string text(prefix);
  text.append(": ").append(message());
  return Status(code(), std::move(text));
}

void Status::Update(Status other) {
  if (ok()) *this = std::move(other);
}

std::string Status::ToString() const {
  std::string text(StatusCodeName(code()));
  if (!ok()) text.append(": ").append(message());
  return text;
}

Status CancelledError(std::string message) { return Status(StatusCode::kCancelled, std::move(message)); }
Status UnknownError(std::string message) { return Status(StatusCode::kUnknown, std::move(message)); }
Status InvalidArgumentError(std::string message) { return Status(StatusCode::kInvalidArgument, std::move(message)); }
Status DeadlineExceededError(std::string message) { return Status(StatusCode::kDeadlineExceeded, std::move(message)); }
Status NotFoundError(std::string message) { return Status(StatusCode::kNotFound, std::move(message)); }
Status AlreadyExistsError(std::string message) { return Status(StatusCode::kAlreadyExists, std::move(message)); }
Status PermissionDeniedError(std::string message) { return Status(StatusCode::kPermissionDenied, std::move(message)); }
Status ResourceExhaustedError(std::string message) {
  return Status(StatusCode::kResourceExhausted, std::move(message));
}
Status FailedPreconditionError(std::string message) {
  return Status(StatusCode::kFailedPrecondition, std::move(message));
}
Status AbortedError(std::string message) { return Status(StatusCode::kAborted, std::move(message)); }
Status OutOfRangeError(std::string message) { return Status(StatusCode::kOutOfRange, std::move(message)); }
Status UnimplementedError(std::string message) { return Status(StatusCode::kUnimplemented, std::move(message)); }
Status InternalError(std::string message) { return Status(StatusCode::kInternal, std::move(message)); }
Status UnavailableError(std::string message) { return Status(StatusCode::kUnavailable, std::move(message)); }
Status DataLossError(std::string message) { return Status(StatusCode::kDataLoss, std::move(message)); }

namespace internal {

void DieOnBadAccess(const Status& status) {
  std::fprintf(stderr, "value of a StatusOr taken that holds an error: %s\n", status.ToString().c_str());
  std::abort();
}

void DieOnOkWithoutValue() {
  std::fprintf(stderr, "StatusOr made from an OK status: it needs a value or an error\n");
  std::abort();
}

}  // namespace internal
}  // namespace weir
