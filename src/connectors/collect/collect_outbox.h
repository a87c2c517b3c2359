// Collected rows on their way from a job's workers to the program that asked for them, when these are different processes.
//
//   sink ──Put──▶ CollectOutbox ◀──AnswerFor── TaskManager ◀── JobManager ◀── command line ◀──NextRequest── CollectInbox ──▶ CollectBuffer
//     worker                                                                                                   program
//
// A batch stays in the outbox until a request says that it has come, so that an answer may be lost. It has a number in its stream, of which every attempt of
// a sink begins its own; the inbox drops what comes twice. With checkpoints a batch is put in when one that covers it is complete, and is part of the sink's
// state until it was taken: every row comes exactly once, whatever fails.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/base/status.h"
#include "weir/connectors/collect/collected_batch.h"

namespace weir {

class Clock;
class CollectBuffer;

// Threads: any number of writers; AnswerFor on any thread.
class CollectOutbox {
 public:
  // How this process serves collected rows.
  struct Mode {
    const Clock* clock = nullptr;
    bool discards = false;  // nobody will ask: the job was submitted detached
  };
  // Makes this process one whose sinks write into outboxes. Once, before any sink is made.
  static void Serve(Mode mode);
  // Null: the collecting program is this process.
  static const Mode* mode();
  // Of the buffer with this number, which is the same in all processes of the program.
  static CollectOutbox& Of(int buffer);
  // What a request of CollectInbox gets. kDataLoss: it is none.
  static StatusOr<std::string> AnswerFor(std::string_view request);

  CollectOutbox();
  ~CollectOutbox();
  CollectOutbox(const CollectOutbox&) = delete;
  CollectOutbox& operator=(const CollectOutbox&) = delete;

  // Waits while the outbox is full. A batch that was put in before is dropped. Whatever nobody has asked for in a minute is dropped, too, with a
  // warning, and the reader is told when it comes back: its process may be gone, and the job must be able to end.
  void Put(CollectedBatch batch);
  // Nobody will ask for rows any more: none need be kept for it.
  bool IsAbandoned() const;
  // Waits for PauseWhileKeeping(kept_bytes), or until nobody asks any more.
  void SlowDown(size_t kept_bytes);
  // Encoded; what a snapshot of the sinks of these streams has to hold.
  std::vector<std::string> Untaken(const std::set<std::string>& streams) const;
  // Waits until everything was taken.
  void AwaitTaken();

 private:
  struct State;
  std::string Answer(bool abandons, uint64_t max_bytes, const std::vector<std::pair<std::string, int64_t>>& taken);

  const std::unique_ptr<State> state_;
};

// The program's end. Threads: one.
class CollectInbox {
 public:
  explicit CollectInbox(int buffer) : buffer_(buffer) {}

  // `max_bytes`: of rows; 0: none are wanted now, but this process is there. `abandons`: none ever.
  std::string NextRequest(uint64_t max_bytes, bool abandons = false) const;
  // Puts the rows of the workers' answers to the last request into `buffer`; whether there were any. kAborted: some may come twice, or are lost.
  StatusOr<bool> Take(const std::vector<std::string>& answers, CollectBuffer& buffer);

 private:
  Status TakeBatch(CollectedBatch batch, CollectBuffer& buffer);

  const int buffer_;
  std::map<std::string, SeenNumbers> seen_;             // by stream
  std::vector<std::pair<std::string, int64_t>> taken_;  // with the last answers: the next request says so
};

}  // namespace weir
