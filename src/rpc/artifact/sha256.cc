#include "weir/rpc/artifact/sha256.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <span>
#include <vector>

#include "weir/base/check.h"

namespace weir {
namespace {

constexpr size_t kPieceBytes = size_t{256} << 10;

std::string ToHex(std::span<const unsigned char> bytes) {
  std::string text;
  for (unsigned char byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

}  // namespace

struct Sha256::Context {
  EVP_MD_CTX* digest = EVP_MD_CTX_new();
  ~Context() { EVP_MD_CTX_free(digest); }
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
  WEIR_CHECK(EVP_DigestInit_ex(context_->digest, EVP_sha256(), nullptr) == 1) << "libcrypto has no SHA-256";
}

Sha256::~Sha256() = default;

void Sha256::Update(std::string_view bytes) {
  WEIR_CHECK(EVP_DigestUpdate(context_->digest, bytes.data(), bytes.size()) == 1) << "libcrypto failed";
}

std::string Sha256::Finish() {
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  WEIR_CHECK(EVP_DigestFinal_ex(context_->digest, bytes, &length) == 1) << "libcrypto failed";
  return ToHex(std::span(bytes, length));
}

std::string HmacSha256(std::string_view key, std::string_view message) {
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  const auto* const text = reinterpret_cast<const unsigned char*>(message.data());
  WEIR_CHECK(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), text, message.size(), bytes, &length) !=
             nullptr)
      << "libcrypto failed";
  return ToHex(std::span(bytes, length));
}

StatusOr<std::string> Sha256OfFile(FileSystem& files, const std::string& path) {
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<ReadableFile> file, files.OpenForRead(path));
  Sha256 hash;
  std::vector<char> piece(kPieceBytes);
  for (;;) {
    WEIR_ASSIGN_OR_RETURN(const size_t length, file->Read(piece));
    if (length == 0) return hash.Finish();
    hash.Update(std::string_view(piece.data(), length));
  }
}

bool IsSha256(std::string_view text) {
  return text.size() == 64 && std::ranges::all_of(text, [](char digit) {
           return (digit >= '0' && digit <= '9') || (digit >= 'a' && digit <= 'f');
         });
}

bool EqualInConstantTime(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace weir
