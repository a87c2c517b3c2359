#include "weir/state/snapshot/keyed_rows_source.h"

#include <cstring>

namespace weir {

StatusOr<std::string_view> BytesSource::Take(uint64_t length) {
  if (length > remaining()) {
    // The reader knows what it reads, and says where it ends.
    Finish();
    in_.GetBytes(length);
    return in_.status();
  }
  const std::string_view bytes = bytes_.substr(taken_, length);
  taken_ += length;
  return bytes;
}

Status BytesSource::TakeTo(char* to, uint64_t length) {
  WEIR_ASSIGN_OR_RETURN(const std::string_view bytes, Take(length));
  std::memcpy(to, bytes.data(), bytes.size());
  return OkStatus();
}

Status FileSource::CheckRemaining(uint64_t length) const {
  if (length <= remaining()) return OkStatus();
  return DataLossError("keyed rows in " + files_.files()[number_].name + ": " + std::to_string(length) +
                       " bytes should follow at offset " + std::to_string(offset_) + " and " +
                       std::to_string(remaining()) + " are there; the file is cut short or damaged");
}

StatusOr<std::string_view> FileSource::Take(uint64_t length) {
  WEIR_RETURN_IF_ERROR(CheckRemaining(length));
  taken_.resize(length);
  WEIR_RETURN_IF_ERROR(TakeTo(taken_.data(), length));
  return std::string_view(taken_);
}

Status FileSource::TakeTo(char* to, uint64_t length) {
  WEIR_RETURN_IF_ERROR(CheckRemaining(length));
  WEIR_RETURN_IF_ERROR(files_.ReadTo(number_, offset_, length, to));
  offset_ += length;
  return OkStatus();
}

Status FileSource::Skip(uint64_t length) {
  WEIR_RETURN_IF_ERROR(CheckRemaining(length));
  offset_ += length;
  return OkStatus();
}

}  // namespace weir
