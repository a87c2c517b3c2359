#include <zlib.h>
#include <zstd.h>

#include <string>
#include <utility>
#include <vector>

#include "weir/connectors/file/byte_input.h"

namespace weir {

namespace {

// Compressed bytes are read in pieces of this size; zstd recommends 128 KiB, gzip does not care.
constexpr size_t kCompressedBytes = 128 * 1024;

// Reads the compressed file piece by piece for a codec.
class CompressedPieces {
 public:
  CompressedPieces(std::string path, std::unique_ptr<ByteInput> input)
      : path_(std::move(path)), input_(std::move(input)), piece_(kCompressedBytes) {}

  // Makes `pending` non-empty, unless the file is at its end.
  Status Refill() {
    if (!pending_.empty()) return OkStatus();
    WEIR_ASSIGN_OR_RETURN(const size_t size, input_->Read(piece_.data(), piece_.size()));
    pending_ = std::string_view(piece_.data(), size);
    return OkStatus();
  }
  std::string_view pending() const { return pending_; }
  void Take(size_t bytes) { pending_.remove_prefix(bytes); }
  int64_t file_bytes_read() const { return input_->file_bytes_read(); }

  Status Corrupt(std::string_view why) const {
    return DataLossError("cannot read \"" + path_ + "\": " + std::string(why) + " near byte " +
                         std::to_string(file_bytes_read()) +
                         " of the compressed file. Is it complete and what its name's end says?");
  }

 private:
  const std::string path_;
  const std::unique_ptr<ByteInput> input_;
  std::vector<char> piece_;
  std::string_view pending_;
};

class GzipInput final : public ByteInput {
 public:
  GzipInput(std::string path, std::unique_ptr<ByteInput> input) : pieces_(std::move(path), std::move(input)) {
    inflateInit2(&stream_, 15 + 16);  // largest window, gzip header expected
  }
  ~GzipInput() override { inflateEnd(&stream_); }

  StatusOr<size_t> Read(char* into, size_t size) override {
    stream_.next_out = reinterpret_cast<Bytef*>(into);
    stream_.avail_out = static_cast<uInt>(size);
    while (stream_.avail_out == size) {
      WEIR_RETURN_IF_ERROR(pieces_.Refill());
      const std::string_view pending = pieces_.pending();
      if (pending.empty()) {
        if (inside_member_) return pieces_.Corrupt("the gzip data ends too early");
        return size_t{0};
      }
      WEIR_RETURN_IF_ERROR(Inflate(pending));
    }
    return size - stream_.avail_out;
  }
  int64_t file_bytes_read() const override { return pieces_.file_bytes_read(); }

 private:
  Status Inflate(std::string_view pending) {
    inside_member_ = true;
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(pending.data()));
    stream_.avail_in = static_cast<uInt>(pending.size());
    const int result = inflate(&stream_, Z_NO_FLUSH);
    pieces_.Take(pending.size() - stream_.avail_in);
    if (result == Z_STREAM_END) {
      inside_member_ = false;
      inflateReset(&stream_);
      return OkStatus();
    }
    if (result == Z_OK || result == Z_BUF_ERROR) return OkStatus();
    return pieces_.Corrupt(stream_.msg != nullptr ? stream_.msg : "no gzip data");
  }

  CompressedPieces pieces_;
  z_stream stream_ = {};
  bool inside_member_ = false;
};

class ZstdInput final : public ByteInput {
 public:
  ZstdInput(std::string path, std::unique_ptr<ByteInput> input)
      : pieces_(std::move(path), std::move(input)), stream_(ZSTD_createDStream()) {
    ZSTD_DCtx_setParameter(stream_, ZSTD_d_windowLogMax, 31);  // files made with --long need it
  }
  ~ZstdInput() override { ZSTD_freeDStream(stream_); }

  StatusOr<size_t> Read(char* into, size_t size) override {
    ZSTD_outBuffer out{into, size, 0};
    while (out.pos == 0) {
      WEIR_RETURN_IF_ERROR(pieces_.Refill());
      const std::string_view pending = pieces_.pending();
      // At the end of the file the codec may still hold unpacked bytes.
      if (pending.empty() && !inside_frame_) return size_t{0};
      ZSTD_inBuffer in{pending.data(), pending.size(), 0};
      const size_t result = ZSTD_decompressStream(stream_, &out, &in);
      if (ZSTD_isError(result) != 0) return pieces_.Corrupt(ZSTD_getErrorName(result));
      if (pending.empty() && out.pos == 0) return pieces_.Corrupt("the zstd data ends too early");
      pieces_.Take(in.pos);
      inside_frame_ = result != 0;
    }
    return out.pos;
  }
  int64_t file_bytes_read() const override { return pieces_.file_bytes_read(); }

 private:
  CompressedPieces pieces_;
  ZSTD_DStream* const stream_;
  bool inside_frame_ = false;
};

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

}  // namespace

Compression CompressionOf(std::string_view path) {
  if (EndsWith(path, ".gz")) return Compression::kGzip;
  if (EndsWith(path, ".zst")) return Compression::kZstd;
  return Compression::kNone;
}

std::unique_ptr<ByteInput> NewDecompressor(Compression compression, std::string path,
                                           std::unique_ptr<ByteInput> compressed) {
  switch (compression) {
    case Compression::kGzip:
      return std::make_unique<GzipInput>(std::move(path), std::move(compressed));
    case Compression::kZstd:
      return std::make_unique<ZstdInput>(std::move(path), std::move(compressed));
    case Compression::kNone:
      break;
  }
  return compressed;
}

}  // namespace weir
