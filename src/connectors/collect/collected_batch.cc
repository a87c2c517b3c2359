#include "weir/connectors/collect/collected_batch.h"

#include <utility>

#include "weir/base/coding.h"

namespace weir {
namespace {

// Between two checkpoints, without a sink being slowed down; and how much it is then, for each batch. Twice that for twice as much.
constexpr size_t kMostKeptBytes = size_t{64} << 20;
constexpr Duration kPause{5};

}  // namespace

void PutBatch(const CollectedBatch& batch, ByteWriter& out) {
  out.PutString(batch.stream);
  out.PutI64(batch.number);
  out.PutBool(batch.may_repeat);
  out.PutString(batch.rows);
}

CollectedBatch GetBatch(ByteReader& in) {
  CollectedBatch batch;
  batch.stream = in.GetString();
  batch.number = in.GetI64();
  batch.may_repeat = in.GetBool();
  batch.rows = in.GetString();
  return batch;
}

std::string EncodeBatch(const CollectedBatch& batch) {
  ByteWriter out;
  PutBatch(batch, out);
  return std::move(out).Take();
}

StatusOr<CollectedBatch> DecodeBatch(std::string_view encoded) {
  ByteReader in(encoded, "collected rows");
  CollectedBatch batch = GetBatch(in);
  WEIR_RETURN_IF_ERROR(in.Finish());
  return batch;
}

Status RowsMayRepeatError() {
  return AbortedError(
      "the job was restarted without checkpoints: rows that have been collected may come again. Switch on checkpoints "
      "(execution.checkpointing.interval), and each row comes once.");
}

bool SeenNumbers::Add(int64_t number) {
  if (number < below_ || !others_.insert(number).second) return false;
  while (!others_.empty() && *others_.begin() == below_) {
    others_.erase(others_.begin());
    ++below_;
  }
  return true;
}

Duration PauseWhileKeeping(size_t kept_bytes) { return kPause * static_cast<int64_t>(kept_bytes / kMostKeptBytes); }

}  // namespace weir
