// Wire form of a record with three numbers and two strings, 113 bytes on average, in batches of 512: cost per record of encoding
// into a reused buffer and of decoding in place. The baseline copies the same wire bytes with memcpy.
//
//   serializer ours|baseline [--direction encode|decode] [--records n]

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/coding.h"
#include "weir/base/hash.h"
#include "weir/types/batch_pool.h"
#include "weir/types/batch_type.h"

#include "measure.h"

namespace {

struct Bid {
  int64_t auction;
  int64_t bidder;
  int64_t price;
  std::string_view channel;
  std::string_view url;
};

constexpr uint32_t kRows = 512;

struct Options {
  bool ours = true;
  bool encode = true;
  int64_t records = 20'000'000;
};

Options Parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "baseline") options.ours = false;
    if (argument == "decode") options.encode = false;
    if (argument == "--records" && i + 1 < argc) options.records = std::atoll(argv[i + 1]);
  }
  return options;
}

// Lengths of 16 to 25 and 50 to 71 bytes: 20.5 and 60.5 on average.
void Fill(weir::Batch<Bid>& batch) {
  uint64_t state = 42;
  const auto next = [&state] { return weir::Hash64(++state); };
  const std::string letters(80, 'u');
  while (!batch.full()) {
    const std::string_view channel = batch.Keep(std::string_view(letters).substr(0, 16 + next() % 10));
    const std::string_view url = batch.Keep(std::string_view(letters).substr(0, 50 + next() % 22));
    batch.Append() = {static_cast<int64_t>(next()), static_cast<int64_t>(next()), 100, channel, url};
  }
}

// Keeps the compiler from leaving out what nobody reads.
void Use(const void* memory) { asm volatile("" : : "r"(memory) : "memory"); }

void EncodeOnce(const weir::BatchBase& batch, weir::ByteWriter& out) {
  out.Clear();
  batch.type->encode(batch, out);
  Use(out.bytes().data());
}

void DecodeOnce(weir::Bytes* wire, weir::BatchBase& batch) {
  weir::ByteReader in(std::string_view(wire->data, wire->used), "batch");
  if (!batch.type->decode(wire, in, batch).ok()) std::abort();
  Use(batch.rows);
  batch.owners.clear();
  wire->references.fetch_sub(1);
}

// A digest of what both variants have produced, so that neither may do less.
uint64_t Digest(std::string_view wire) { return weir::HashBytes(wire); }

}  // namespace

int main(int argc, char** argv) {
  const Options options = Parse(argc, argv);
  weir::BatchPoolHandle pool(&weir::BatchTypeOf<Bid>(), kRows);
  weir::BatchPoolHandle decoded_pool(&weir::BatchTypeOf<Bid>(), kRows);
  weir::BatchBase* const batch = pool->Get();
  weir::BatchBase* const decoded = decoded_pool->Get();
  Fill(weir::AsBatch<Bid>(*batch));
  weir::ByteWriter out;
  EncodeOnce(*batch, out);
  weir::Bytes* const wire = weir::Bytes::New(static_cast<uint32_t>(out.size()));
  wire->used = wire->capacity;
  std::memcpy(wire->data, out.bytes().data(), out.size());
  std::vector<char> copy(out.size());

  const int64_t rounds = options.records / kRows;
  const weir::bench::Stopwatch watch;
  for (int64_t i = 0; i < rounds; ++i) {
    if (!options.ours) {
      std::memcpy(copy.data(), wire->data, copy.size());
      Use(copy.data());
    } else if (options.encode) {
      EncodeOnce(*batch, out);
    } else {
      DecodeOnce(wire, *decoded);
    }
  }
  const double cpu_s = watch.CpuSeconds();
  const double wall_s = watch.WallSeconds();
  if (options.ours && !options.encode) EncodeOnce(*decoded, out);
  const uint64_t checksum = options.ours ? Digest(out.bytes()) : Digest(std::string_view(copy.data(), copy.size()));
  weir::bench::Report("serializer", rounds * kRows, cpu_s, wall_s, checksum);
  weir::Recycle(batch);
  weir::Recycle(decoded);
  wire->Release();
}
