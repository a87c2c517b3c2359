// Rows that a program collects, between a sink and the program.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "weir/base/status.h"
#include "weir/base/time.h"

namespace weir {

class ByteReader;
class ByteWriter;

// Of one stream: of one attempt of one subtask of a sink.
struct CollectedBatch {
  std::string stream;
  int64_t number = 0;  // in the stream, from 0
  std::string rows;    // as the record type encodes them
  // Rows before a failure were not taken back: these may be the same ones again.
  bool may_repeat = false;
};

// As docs/formats/collected_rows.md has it. GetBatch: see the reader's status.
void PutBatch(const CollectedBatch& batch, ByteWriter& out);
CollectedBatch GetBatch(ByteReader& in);
std::string EncodeBatch(const CollectedBatch& batch);
StatusOr<CollectedBatch> DecodeBatch(std::string_view encoded);

// Of a batch that may repeat rows.
Status RowsMayRepeatError();

// Which numbers of a stream have been seen, in any order.
class SeenNumbers {
 public:
  // False: it was there before.
  bool Add(int64_t number);

 private:
  int64_t below_ = 0;  // all below it
  std::set<int64_t> others_;
};

// How long a sink waits with its next batch, the longer the more rows it keeps until a checkpoint covers them. It must not wait for that checkpoint itself,
// since the barrier is behind the rows that it holds up; what comes before the barrier is bounded, so this slows down the sources.
Duration PauseWhileKeeping(size_t kept_bytes);

}  // namespace weir
