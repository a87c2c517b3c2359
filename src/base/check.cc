#include "weir/base/check.h"

#include <unistd.h>

#include <charconv>
#include <cstdlib>

#include "weir/base/source_location.h"

namespace weir::internal {
namespace {

template <class T, class... Extra>
std::string NumberText(T value, Extra... extra) {
  char buffer[64];
  const auto result = std::to_chars(buffer, buffer + sizeof(buffer), value, extra...);
  return std::string(buffer, result.ptr);
}

}  // namespace

CheckMessage& CheckMessage::operator<<(std::string_view text) {
  text_.append(text);
  return *this;
}

CheckMessage& CheckMessage::operator<<(double value) { return *this << NumberText(value); }

CheckMessage& CheckMessage::operator<<(const void* pointer) {
  return *this << "0x" << NumberText(reinterpret_cast<uintptr_t>(pointer), 16);
}

CheckMessage& CheckMessage::AppendSigned(int64_t value) { return *this << NumberText(value); }

CheckMessage& CheckMessage::AppendUnsigned(uint64_t value) { return *this << NumberText(value); }

CheckFailure::~CheckFailure() {
  std::string line(SourceFileInTree(file_));
  line += ':' + NumberText(line_) + ": check failed: " + condition_;
  if (!message_.text().empty()) line += ": " + message_.text();
  line += '\n';
  // write, not stdio: the heap or stdio's lock may be what is broken.
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, line.data(), line.size());
  std::abort();
}

}  // namespace weir::internal
