// Checks of invariants: what must hold whatever a user, a file or a peer does. A failed check prints where, what and the values, and aborts.
//
//   WEIR_CHECK(channel < channels_.size()) << "channel " << channel << " of gate " << name_;
//   WEIR_CHECK_EQ(batch->readers, 0);
//   WEIR_CHECK_OK(file.Close()) << path;
//
// Input that may be wrong is answered with a Status instead (base/status.h). WEIR_DCHECK vanishes when NDEBUG is set: for the record path.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace weir::internal {

// Text built from values, without <iostream>: user programs see this header.
class CheckMessage {
 public:
  CheckMessage& operator<<(std::string_view text);
  CheckMessage& operator<<(const char* text) { return *this << std::string_view(text == nullptr ? "(null)" : text); }
  CheckMessage& operator<<(const std::string& text) { return *this << std::string_view(text); }
  CheckMessage& operator<<(bool value) { return *this << std::string_view(value ? "true" : "false"); }
  CheckMessage& operator<<(char value) { return *this << std::string_view(&value, 1); }
  CheckMessage& operator<<(double value);
  CheckMessage& operator<<(const void* pointer);
  CheckMessage& operator<<(std::nullptr_t) { return *this << std::string_view("nullptr"); }
  template <std::signed_integral T>
  CheckMessage& operator<<(T value) {
    return AppendSigned(value);
  }
  template <std::unsigned_integral T>
  CheckMessage& operator<<(T value) {
    return AppendUnsigned(value);
  }
  template <class T>
    requires std::is_enum_v<T>
  CheckMessage& operator<<(T value) {
    return AppendSigned(static_cast<int64_t>(value));
  }
  // Statuses and ids: whatever can describe itself.
  template <class T>
    requires requires(const T& value) { std::string(value.ToString()); }
  CheckMessage& operator<<(const T& value) {
    return *this << std::string(value.ToString());
  }

  const std::string& text() const { return text_; }

 private:
  CheckMessage& AppendSigned(int64_t value);
  CheckMessage& AppendUnsigned(uint64_t value);

  std::string text_;
};

// A failed check at `file`:`line`; its destructor prints everything with one write to stderr and aborts.
class CheckFailure {
 public:
  CheckFailure(const char* file, int line, std::string_view condition)
      : file_(file), line_(line), condition_(condition) {}
  CheckFailure(const CheckFailure&) = delete;
  CheckFailure& operator=(const CheckFailure&) = delete;
  [[noreturn]] ~CheckFailure();

  CheckMessage& message() { return message_; }

 private:
  const char* const file_;
  const int line_;
  const std::string condition_;
  CheckMessage message_;
};

// Turns the stream expression into void, so that a check is one expression and no `else` can bind to it.
struct CheckVoidify {
  void operator&(const CheckMessage&) const {}
};

template <class T>
void AppendCheckOperand(CheckMessage& message, const T& value) {
  if constexpr (requires { message << value; }) {
    message << value;
  } else {
    message << "(a value that cannot be printed)";
  }
}

// "condition (a vs. b)". On the heap and never freed: the process is about to abort.
template <class A, class B>
[[gnu::noinline, gnu::cold]] const std::string* DescribeComparison(std::string_view condition, const A& a, const B& b) {
  CheckMessage message;
  message << condition << " (";
  AppendCheckOperand(message, a);
  message << " vs. ";
  AppendCheckOperand(message, b);
  message << ")";
  return new std::string(message.text());
}

template <class T>
inline constexpr bool kComparesByValue = std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char>;

// Each returns null when the comparison holds. Integers of different signedness compare by value, so `CHECK_EQ(v.size(), 3)` is right.
#define WEIR_DEFINE_CHECK_OP(Name, op, cmp)                                            \
  template <class A, class B>                                                          \
  const std::string* Check##Name(std::string_view condition, const A& a, const B& b) { \
    bool holds;                                                                        \
    if constexpr (kComparesByValue<A> && kComparesByValue<B>) {                        \
      holds = std::cmp(a, b);                                                          \
    } else {                                                                           \
      holds = static_cast<bool>(a op b);                                               \
    }                                                                                  \
    return holds ? nullptr : DescribeComparison(condition, a, b);                      \
  }
WEIR_DEFINE_CHECK_OP(EQ, ==, cmp_equal)
WEIR_DEFINE_CHECK_OP(NE, !=, cmp_not_equal)
WEIR_DEFINE_CHECK_OP(LT, <, cmp_less)
WEIR_DEFINE_CHECK_OP(LE, <=, cmp_less_equal)
WEIR_DEFINE_CHECK_OP(GT, >, cmp_greater)
WEIR_DEFINE_CHECK_OP(GE, >=, cmp_greater_equal)
#undef WEIR_DEFINE_CHECK_OP

// Null for an OK status, else its text. Takes anything with ok(): a Status or a StatusOr.
template <class T>
const std::string* CheckOk(std::string_view condition, const T& result) {
  if (result.ok()) [[likely]]
    return nullptr;
  CheckMessage message;
  message << condition << " is ";
  if constexpr (requires { result.status(); }) {
    message << result.status();
  } else {
    message << result;
  }
  return new std::string(message.text());
}

}  // namespace weir::internal

#define WEIR_CHECK(condition)        \
  __builtin_expect(!!(condition), 1) \
      ? (void)0                      \
      : ::weir::internal::CheckVoidify() & ::weir::internal::CheckFailure(__FILE__, __LINE__, #condition).message()

#define WEIR_CHECK_RESULT(expression)                           \
  while (const ::std::string* weir_check_failed = (expression)) \
  ::weir::internal::CheckFailure(__FILE__, __LINE__, *weir_check_failed).message()
#define WEIR_CHECK_EQ(a, b) WEIR_CHECK_RESULT(::weir::internal::CheckEQ(#a " == " #b, (a), (b)))
#define WEIR_CHECK_NE(a, b) WEIR_CHECK_RESULT(::weir::internal::CheckNE(#a " != " #b, (a), (b)))
#define WEIR_CHECK_LT(a, b) WEIR_CHECK_RESULT(::weir::internal::CheckLT(#a " < " #b, (a), (b)))
#define WEIR_CHECK_LE(a, b) WEIR_CHECK_RESULT(::weir::internal::CheckLE(#a " <= " #b, (a), (b)))
#define WEIR_CHECK_GT(a, b) WEIR_CHECK_RESULT(::weir::internal::CheckGT(#a " > " #b, (a), (b)))
#define WEIR_CHECK_GE(a, b) WEIR_CHECK_RESULT(::weir::internal::CheckGE(#a " >= " #b, (a), (b)))
#define WEIR_CHECK_OK(expression) WEIR_CHECK_RESULT(::weir::internal::CheckOk(#expression, (expression)))

// Aborts: this line cannot be reached.
#define WEIR_UNREACHABLE(what)                                                             \
  do {                                                                                     \
    ::weir::internal::CheckFailure(__FILE__, __LINE__, "unreachable").message() << (what); \
    __builtin_unreachable();                                                               \
  } while (false)

#ifdef NDEBUG
#define WEIR_DCHECK(condition) WEIR_CHECK(true || (condition))
#else
#define WEIR_DCHECK(condition) WEIR_CHECK(condition)
#endif
