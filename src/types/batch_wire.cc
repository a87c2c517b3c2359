#include "weir/types/batch_wire.h"

#include <algorithm>
#include <limits>

#include "weir/base/check.h"
#include "weir/types/rehome.h"

namespace weir::internal {

namespace {

constexpr uint32_t kTimesFlag = 1;
constexpr uint32_t kHashesFlag = 2;
constexpr size_t kMarkBytes = sizeof(uint32_t) + sizeof(int64_t);

// The entries of `column` for the rows that count.
void WriteColumn(const BatchBase& in, const void* column, ByteWriter& out) {
  const uint32_t count = in.count();
  char* to = out.Extend(count * sizeof(uint64_t));
  const char* const from = static_cast<const char*>(column);
  if (!in.has_selection) {
    std::memcpy(to, from, count * sizeof(uint64_t));
    return;
  }
  for (uint32_t i = 0; i < count; ++i, to += sizeof(uint64_t)) {
    std::memcpy(to, from + in.selection[i] * sizeof(uint64_t), sizeof(uint64_t));
  }
}

// Encoded rows are numbered anew, without those that filters took out.
uint32_t NumberOfCountingRowsBefore(const BatchBase& in, uint32_t row) {
  if (!in.has_selection) return std::min(row, in.size);
  return static_cast<uint32_t>(std::lower_bound(in.selection, in.selection + in.selected, row) - in.selection);
}

Status ReadMarks(ByteReader& in, uint32_t count, uint32_t rows, BatchBase& out) {
  if (count > in.remaining() / kMarkBytes) {
    in.Skip(count * kMarkBytes);
    return in.status();
  }
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t row = in.GetU32();
    const EventTime watermark = in.GetI64();
    if (row > rows || (i > 0 && row < out.marks.back().row)) in.Reject();
    out.marks.push_back({row, watermark});
  }
  return in.status();
}

}  // namespace

void WriteBatchHead(const BatchBase& in, uint32_t row_bytes, size_t heap_bytes, ByteWriter& out) {
  // A batch is cut long before: kMaxBatchBytes of rows, and views into at most a few buffers.
  WEIR_CHECK(heap_bytes <= std::numeric_limits<uint32_t>::max())
      << "the strings of one batch of " << in.type->name << " take " << heap_bytes << " bytes";
  out.PutU32(in.count());
  out.PutU32(row_bytes);
  out.PutU32(static_cast<uint32_t>(heap_bytes));
  out.PutU32(static_cast<uint32_t>(in.marks.size()));
  out.PutU32((in.has_times ? kTimesFlag : 0) | (in.has_hashes ? kHashesFlag : 0));
  if (in.has_times) WriteColumn(in, in.times, out);
  if (in.has_hashes) WriteColumn(in, in.hashes, out);
  for (const Mark& mark : in.marks) {
    out.PutU32(NumberOfCountingRowsBefore(in, mark.row));
    out.PutI64(mark.watermark);
  }
}

StatusOr<WireRows> ReadBatchHead(ByteReader& in, uint32_t row_bytes, BatchBase& out) {
  WireRows wire;
  wire.rows = in.GetU32();
  const uint32_t written_row_bytes = in.GetU32();
  wire.heap_bytes = in.GetU32();
  const uint32_t marks = in.GetU32();
  const uint32_t flags = in.GetU32();
  if (flags > (kTimesFlag | kHashesFlag)) in.Reject();
  WEIR_RETURN_IF_ERROR(in.status());
  if (written_row_bytes != row_bytes || wire.rows > out.capacity) {
    return FailedPreconditionError(
        "batch of " + std::string(out.type->name) + ": " + std::to_string(wire.rows) + " rows of " +
        std::to_string(written_row_bytes) + " bytes came, but at most " + std::to_string(out.capacity) + " of " +
        std::to_string(row_bytes) +
        " are expected here; the peer runs another version of the job, or the bytes are damaged");
  }
  const size_t column_bytes = wire.rows * sizeof(uint64_t);
  const std::string_view times = flags & kTimesFlag ? in.GetBytes(column_bytes) : "";
  const std::string_view hashes = flags & kHashesFlag ? in.GetBytes(column_bytes) : "";
  Status read = ReadMarks(in, marks, wire.rows, out);
  wire.fixed = in.GetBytes(static_cast<size_t>(wire.rows) * row_bytes).data();
  wire.heap = in.GetBytes(wire.heap_bytes).data();
  read.Update(in.status());
  if (!read.ok()) {
    out.marks.clear();
    return read;
  }
  if (flags & kTimesFlag) {
    out.UseTimes();
    std::copy_n(times.data(), times.size(), reinterpret_cast<char*>(out.times));
  }
  if (flags & kHashesFlag) {
    out.UseHashes();
    std::copy_n(hashes.data(), hashes.size(), reinterpret_cast<char*>(out.hashes));
  }
  return wire;
}

Status RefuseRows(BatchBase& out) {
  out.size = 0;
  out.marks.clear();
  out.has_times = out.has_hashes = false;
  return DataLossError("batch of " + std::string(out.type->name) +
                       ": lengths or values inside its rows cannot be; the bytes are damaged or of another version");
}

void RehomeView(std::string_view& view, BatchBase& home) { view = home.Keep(view); }

void ScatterTimesAndHashes(const BatchBase& in, const uint16_t* rows, uint32_t count, BatchBase& out) {
  if (in.has_times) {
    if (!out.has_times) {
      out.UseTimes();
      std::fill_n(out.times, out.size, kNoEventTime);
    }
    for (uint32_t i = 0; i < count; ++i) out.times[out.size + i] = in.times[rows[i]];
  } else if (out.has_times) {
    std::fill_n(out.times + out.size, count, kNoEventTime);
  }
  if (in.has_hashes) {
    if (!out.has_hashes) out.UseHashes();
    for (uint32_t i = 0; i < count; ++i) out.hashes[out.size + i] = in.hashes[rows[i]];
  }
}

}  // namespace weir::internal
