#include "weir/base/errno_status.h"

#include <cerrno>
#include <cstring>
#include <string>

namespace weir {
namespace {

StatusCode CodeOf(int error) {
  switch (error) {
    case ENOENT:
    case ENODEV:
    case ESRCH:
      return StatusCode::kNotFound;
    case EEXIST:
    case EADDRINUSE:
      return StatusCode::kAlreadyExists;
    case EACCES:
    case EPERM:
    case EROFS:
      return StatusCode::kPermissionDenied;
    case ENOSPC:
    case EDQUOT:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case EFBIG:
      return StatusCode::kResourceExhausted;
    case ENOTDIR:
    case EISDIR:
    case ENOTEMPTY:
    case EBUSY:
    case EXDEV:
    case ETXTBSY:
    case EPIPE:
      return StatusCode::kFailedPrecondition;
    case EINVAL:
    case ENAMETOOLONG:
    case ELOOP:
      return StatusCode::kInvalidArgument;
    case EIO:
      return StatusCode::kDataLoss;
    case EAGAIN:
    case ECONNREFUSED:
    case ECONNRESET:
    case ECONNABORTED:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case ENOTCONN:
      return StatusCode::kUnavailable;
    case ETIMEDOUT:
      return StatusCode::kDeadlineExceeded;
    case ECANCELED:
      return StatusCode::kCancelled;
    case ENOSYS:
    case EOPNOTSUPP:
      return StatusCode::kUnimplemented;
    default:
      return StatusCode::kUnknown;
  }
}

}  // namespace

Status ErrnoError(int error, std::string what) {
  const char* const text = strerrordesc_np(error);
  return Status(CodeOf(error), std::move(what) + ": " + (text == nullptr ? "error " + std::to_string(error) : text));
}

}  // namespace weir
