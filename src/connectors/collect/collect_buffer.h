// Rows of a stream on their way from its sinks to the caller.
#pragma once

#include <cstddef>
#include <string_view>

#include "weir/base/status.h"
#include "weir/types/bytes.h"

namespace weir {

struct CollectedBatch;

// A bounded queue of encoded batches: rows cross from the job to the caller in the same form whether both are in one process or not, and own their bytes.
// Outlives a restart of the job, so it knows what was put in before.
//
// Threads: any number of writers, one reader.
class CollectBuffer {
 public:
  // Enough that writers do not wait for each batch, little beside a job's memory.
  static constexpr size_t kDefaultBytes = size_t{4} << 20;

  explicit CollectBuffer(size_t capacity_bytes = kDefaultBytes);
  ~CollectBuffer();
  CollectBuffer(const CollectBuffer&) = delete;
  CollectBuffer& operator=(const CollectBuffer&) = delete;

  // Appends a batch's rows, unless one of this number of this stream was put in before; waits while the buffer is full. After Abandon and Fail it takes and
  // forgets everything at once. A batch that may repeat rows fails the buffer.
  void Put(CollectedBatch batch);
  // Waits for PauseWhileKeeping(kept_bytes), or until the reader wants no more.
  void SlowDown(size_t kept_bytes);
  // Appends rows that were encoded in another process. Does not wait: ask HasRoom before.
  void PutEncoded(std::string_view rows);
  bool HasRoom() const;
  // The job is over: what is buffered may still be taken.
  void End();
  // Rows cannot be given as they should be: none come any more; what is buffered may still be taken. The first error stays.
  void Fail(Status error);
  Status failure() const;
  // The reader wants no more; writers that wait go on. Whoever cancels the job calls this first.
  void Abandon();
  bool IsAbandoned() const;

  // The next encoded batch with a reference that is the caller's; waits for it. Null: the job is over, or rows have failed, and all was taken.
  Bytes* Take();
  // Whether Take would not wait, and give something.
  bool HasRows() const;
  // Writers wait no more, however much there is: where writers and the reader are one thread.
  void LiftLimit();
  // Keeps `bytes` as long as the buffer lives: rows that the caller holds have views into them.
  void Pin(Bytes* bytes);
  // Which of the process' buffers this is, in the order in which they were made: the same in every process of a program.
  int number() const { return number_; }

 private:
  // Behind a pointer: mutexes and condition variables would cost every user program 50 ms of compile time.
  struct Queue;
  Queue* const queue_;
  const int number_;
};

}  // namespace weir
