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

StreamingHash::StreamingHash() : state_(XXH3_createState()) {
  WEIR_CHECK(state_ != nullptr) << "no memory for a hash state";
  XXH3_64bits_reset(AsState(state_));
}

StreamingHash::~StreamingHash() { XXH3_freeState(AsState(state_)); }

void StreamingHash::Update(std::string_view bytes) { XXH3_64bits_update(AsState(state_), bytes.data(), bytes.size()); }

uint64_t StreamingHash::Digest() const { return XXH3_64bits_digest(AsState(state_)); }

}  // namespace weir
