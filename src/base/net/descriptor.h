// Owns one file descriptor.
#pragma once

#include <utility>

namespace weir {

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) Reset(std::exchange(other.fd_, -1));
    return *this;
  }
  ~Descriptor() { Reset(); }

  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  // Gives it up without closing it.
  int Release() { return std::exchange(fd_, -1); }
  // Closes it, and owns `fd` from here on.
  void Reset(int fd = -1);

 private:
  int fd_ = -1;
};

}  // namespace weir
