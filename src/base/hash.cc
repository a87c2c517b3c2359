#include "weir/base/hash.h"

#include <xxhash.h>

#include <bit>

#include "weir/base/check.h"

static_assert(std::endian::native == std::endian::little, "keys are hashed as their little-endian bytes");

namespace weir {
namespace {

XXH3_state_t* AsState(void* state) { return static_cast<XXH3_state_t*>(state); }

}  // namespace

namespace internal {

uint64_t HashLongBytes(const void* bytes, size_t length) { return XXH3_64bits(bytes, length); }

}  // namespace internal

// One version per instruction set, chosen when the library is loaded. Sanitizers run before that choice can be made, and clang has no such loop to gain.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
__attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default"), optimize("O3")))
#endif
void HashInts(std::span<const int64_t> keys, std::span<uint64_t> hashes) {
  const int64_t* const from = keys.data();
  uint64_t* const to = hashes.data();
  for (size_t i = 0, n = keys.size(); i < n; ++i) to[i] = Hash64(static_cast<uint64_t>(from[i]));
}

StreamingHash::StreamingHash() : state_(XXH3_createState()) {
  WEIR_CHECK(state_ != nullptr) << "no memory for a hash state";
  XXH3_64bits_reset(AsState(state_));
}

StreamingHash::~StreamingHash() { XXH3_freeState(AsState(state_)); }

void StreamingHash::Update(std::string_view bytes) { XXH3_64bits_update(AsState(state_), bytes.data(), bytes.size()); }

uint64_t StreamingHash::Digest() const { return XXH3_64bits_digest(AsState(state_)); }

}  // namespace weir
