// Results of operations that can fail across our own boundaries.
//
// A `Status` is a code and a message that says what went wrong, where, and what to do. Codes are gRPC's and absl's, so that the gRPC edge converts
// them one to one. `StatusOr<T>` holds a T or the Status that says why there is none.
//
//   StatusOr<File> Open(std::string_view path);
//   Status Copy(std::string_view from) {
//     WEIR_ASSIGN_OR_RETURN(File file, Open(from));
//     WEIR_RETURN_IF_ERROR(file.Sync());
//     return OkStatus();
//   }
#pragma once

#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace weir {

enum class StatusCode : int {
  kOk = 0,
  kCancelled = 1,
  kUnknown = 2,
  kInvalidArgument = 3,
  kDeadlineExceeded = 4,
  kNotFound = 5,
  kAlreadyExists = 6,
  kPermissionDenied = 7,
  kResourceExhausted = 8,
  kFailedPrecondition = 9,
  kAborted = 10,
  kOutOfRange = 11,
  kUnimplemented = 12,
  kInternal = 13,
  kUnavailable = 14,
  kDataLoss = 15,
};

// "INVALID_ARGUMENT" and so on.
std::string_view StatusCodeName(StatusCode code);

// Value type; copying shares nothing. An OK status allocates nothing.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(StatusCode code, std::string message);
  Status(const Status& other);
  Status& operator=(const Status& other);
  Status(Status&&) = default;
  Status& operator=(Status&&) = default;
  ~Status() = default;

  bool ok() const { return error_ == nullptr; }
  StatusCode code() const { return error_ == nullptr ? StatusCode::kOk : error_->code; }
  std::string_view message() const {
    return error_ == nullptr ? std::string_view() : std::string_view(error_->message);
  }

  // The same code with `prefix` and ": " before the message; an OK status stays OK.
  Status Annotate(std::string_view prefix) const;
  // Keeps the first error: takes `other` only if this is OK.
  void Update(Status other);

  // "OK", or "INVALID_ARGUMENT: message".
  std::string ToString() const;

  friend bool operator==(const Status& a, const Status& b) {
    return a.code() == b.code() && a.message() == b.message();
  }

 private:
  struct Error {
    StatusCode code;
    std::string message;
  };
  std::unique_ptr<Error> error_;
};

inline Status OkStatus() { return Status(); }
Status CancelledError(std::string message);
Status UnknownError(std::string message);
Status InvalidArgumentError(std::string message);
Status DeadlineExceededError(std::string message);
Status NotFoundError(std::string message);
Status AlreadyExistsError(std::string message);
Status PermissionDeniedError(std::string message);
Status ResourceExhaustedError(std::string message);
Status FailedPreconditionError(std::string message);
Status AbortedError(std::string message);
Status OutOfRangeError(std::string message);
Status UnimplementedError(std::string message);
Status InternalError(std::string message);
Status UnavailableError(std::string message);
Status DataLossError(std::string message);

namespace internal {
// Aborts the process with `status`: the value of a StatusOr without a value was asked for.
[[noreturn]] void DieOnBadAccess(const Status& status);
// Aborts: a StatusOr was made from an OK status, which says neither value nor error.
[[noreturn]] void DieOnOkWithoutValue();
}  // namespace internal

// A T, or the error that says why there is none. Asking for the value of an error aborts the process.
template <class T>
class [[nodiscard]] StatusOr {
 public:
  using value_type = T;

  StatusOr(Status status)
      : status_(std::move(status)) {  // NOLINT: an error converts, so that `return NotFoundError(...)` reads well
    if (status_.ok()) internal::DieOnOkWithoutValue();
  }
  StatusOr(T value) : has_value_(true) {
    new (&value_) T(std::move(value));
  }  // NOLINT: a value converts, so that `return value` reads well
  // So that a function may return a unique_ptr to a derived class as StatusOr<unique_ptr<Base>>.
  template <class U>
    requires(std::is_convertible_v<U, T> && !std::is_same_v<std::remove_cvref_t<U>, T> &&
             !std::is_convertible_v<U, Status> && !std::is_same_v<std::remove_cvref_t<U>, StatusOr>)
  StatusOr(U&& value) : has_value_(true) {  // NOLINT: see above
    new (&value_) T(std::forward<U>(value));
  }
  StatusOr(StatusOr&& other) noexcept : status_(std::move(other.status_)), has_value_(other.has_value_) {
    if (has_value_) new (&value_) T(std::move(other.value_));
  }
  StatusOr(const StatusOr& other)
    requires std::is_copy_constructible_v<T>
      : status_(other.status_), has_value_(other.has_value_) {
    if (has_value_) new (&value_) T(other.value_);
  }
  StatusOr& operator=(StatusOr other) noexcept {
    this->~StatusOr();
    new (this) StatusOr(std::move(other));
    return *this;
  }
  ~StatusOr() {
    if (has_value_) value_.~T();
  }

  bool ok() const { return has_value_; }
  const Status& status() const { return status_; }

  T& value() & { return Checked(); }
  const T& value() const& { return const_cast<StatusOr*>(this)->Checked(); }
  T&& value() && { return std::move(Checked()); }
  T& operator*() & { return Checked(); }
  const T& operator*() const& { return const_cast<StatusOr*>(this)->Checked(); }
  T&& operator*() && { return std::move(Checked()); }
  T* operator->() { return &Checked(); }
  const T* operator->() const { return &const_cast<StatusOr*>(this)->Checked(); }
  T ValueOr(T fallback) const& { return has_value_ ? value_ : std::move(fallback); }

 private:
  T& Checked() {
    if (!has_value_) internal::DieOnBadAccess(status_);
    return value_;
  }

  Status status_;
  bool has_value_ = false;
  union {
    T value_;
  };
};

#define WEIR_STATUS_CONCAT_INNER(a, b) a##b
#define WEIR_STATUS_CONCAT(a, b) WEIR_STATUS_CONCAT_INNER(a, b)

// Returns from the enclosing function with the error of `expr`, if it is one.
#define WEIR_RETURN_IF_ERROR(expr)       \
  do {                                   \
    ::weir::Status weir_status = (expr); \
    if (!weir_status.ok()) [[unlikely]]  \
      return weir_status;                \
  } while (false)

// Evaluates `expr` (a StatusOr) and assigns its value to `lhs`, or returns its error from the enclosing function.
#define WEIR_ASSIGN_OR_RETURN(lhs, ...) \
  WEIR_ASSIGN_OR_RETURN_IMPL(WEIR_STATUS_CONCAT(weir_status_or_, __LINE__), lhs, __VA_ARGS__)
#define WEIR_ASSIGN_OR_RETURN_IMPL(name, lhs, ...) \
  auto name = (__VA_ARGS__);                       \
  if (!name.ok()) [[unlikely]]                     \
    return name.status();                          \
  lhs = std::move(name).value()

}  // namespace weir
