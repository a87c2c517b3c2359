// SHA-256, in hexadecimal.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "weir/base/file/file_system.h"

namespace weir {

// One thread.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void Update(std::string_view bytes);
  // 64 lower-case hexadecimal digits. Once.
  std::string Finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

StatusOr<std::string> Sha256OfFile(FileSystem& files, const std::string& path);
// 64 lower-case hexadecimal digits.
bool IsSha256(std::string_view text);
// HMAC-SHA-256 (RFC 2104), 64 lower-case hexadecimal digits: only who knows `key` can say it of `message`.
std::string HmacSha256(std::string_view key, std::string_view message);
// In a time that does not tell where the texts differ: for secrets.
bool EqualInConstantTime(std::string_view a, std::string_view b);

}  // namespace weir
