#include "weir/connectors/collect/collect_outbox.h"

#include <atomic>
#include <deque>

#include "weir/base/clock.h"
#include "weir/base/coding.h"
#include "weir/base/logging.h"
#include "weir/base/mutex.h"
#include "weir/connectors/collect/collect_buffer.h"

namespace weir {
namespace {

// Enough that writers do not wait for each answer, little beside a job's memory.
constexpr size_t kCapacityBytes = size_t{4} << 20;
// Readers ask many times per second. A JobManager that is started again is back in less.
constexpr std::chrono::seconds kReaderPatience{60};
constexpr std::chrono::milliseconds kLookInterval{100};

// Set once, before sinks are made on other threads.
std::atomic<const CollectOutbox::Mode*> serving_mode{nullptr};

struct Outboxes {
  Mutex mutex;
  std::map<int, std::unique_ptr<CollectOutbox>> by_buffer WEIR_GUARDED_BY(mutex);
};

Outboxes& AllOutboxes() {
  // Never destroyed: sinks' threads may outlive the end of main().
  static Outboxes* const all = new Outboxes;
  return *all;
}

}  // namespace

struct CollectOutbox::State {
  mutable Mutex mutex;
  CondVar changed;
  CondVar given_up;  // `abandoned` has become true
  std::deque<CollectedBatch> waiting WEIR_GUARDED_BY(mutex);
  size_t bytes WEIR_GUARDED_BY(mutex) = 0;
  std::map<std::string, SeenNumbers> known WEIR_GUARDED_BY(mutex);  // by stream: what was ever put in
  int64_t asked_nanos WEIR_GUARDED_BY(mutex) = 0;                   // when a reader asked last, or the first batch came
  bool abandoned WEIR_GUARDED_BY(mutex) = false;
  bool lost WEIR_GUARDED_BY(mutex) = false;  // rows were dropped that a reader may want

  void WaitForReader() WEIR_REQUIRES(mutex);
  // Lets go of what the reader has, or of everything.
  void Forget(bool all, const std::set<std::pair<std::string, int64_t>>& taken) WEIR_REQUIRES(mutex);
};

void CollectOutbox::Serve(Mode mode) { serving_mode.store(new Mode(mode), std::memory_order_release); }

const CollectOutbox::Mode* CollectOutbox::mode() { return serving_mode.load(std::memory_order_acquire); }

CollectOutbox& CollectOutbox::Of(int buffer) {
  Outboxes& all = AllOutboxes();
  MutexLock lock(all.mutex);
  std::unique_ptr<CollectOutbox>& outbox = all.by_buffer[buffer];
  if (outbox == nullptr) outbox = std::make_unique<CollectOutbox>();
  return *outbox;
}

CollectOutbox::CollectOutbox() : state_(new State) {
  MutexLock lock(state_->mutex);
  state_->abandoned = mode()->discards;
}

CollectOutbox::~CollectOutbox() = default;

void CollectOutbox::Put(CollectedBatch batch) {
  State& state = *state_;
  MutexLock lock(state.mutex);
  if (state.asked_nanos == 0) state.asked_nanos = mode()->clock->MonotonicNanos();
  // One batch is always taken, however large it is.
  while (!state.abandoned && !state.waiting.empty() && state.bytes + batch.rows.size() > kCapacityBytes) {
    state.WaitForReader();
  }
  if (state.abandoned || !state.known[batch.stream].Add(batch.number)) return;
  state.bytes += batch.rows.size();
  state.waiting.push_back(std::move(batch));
}

bool CollectOutbox::IsAbandoned() const {
  MutexLock lock(state_->mutex);
  return state_->abandoned;
}

void CollectOutbox::SlowDown(size_t kept_bytes) {
  const Duration pause = PauseWhileKeeping(kept_bytes);
  if (pause == Duration(0)) return;
  MutexLock lock(state_->mutex);
  if (!state_->abandoned) state_->given_up.WaitFor(state_->mutex, pause);
}

void CollectOutbox::AwaitTaken() {
  State& state = *state_;
  MutexLock lock(state.mutex);
  while (!state.abandoned && !state.waiting.empty()) state.WaitForReader();
}

void CollectOutbox::State::WaitForReader() {
  const std::chrono::nanoseconds silence(mode()->clock->MonotonicNanos() - asked_nanos);
  if (silence < kReaderPatience) {
    changed.WaitFor(mutex, kLookInterval);
    return;
  }
  WEIR_LOG(kWarning, "nobody has asked for the {} collected batches in {} s: the program is gone, its rows are dropped",
           waiting.size(), kReaderPatience.count());
  lost = abandoned = true;
  waiting.clear();
}

void CollectOutbox::State::Forget(bool all, const std::set<std::pair<std::string, int64_t>>& taken) {
  std::deque<CollectedBatch> left;
  for (CollectedBatch& batch : waiting) {
    if (all || taken.contains({batch.stream, batch.number})) {
      bytes -= batch.rows.size();
    } else {
      left.push_back(std::move(batch));
    }
  }
  waiting.swap(left);
}

std::vector<std::string> CollectOutbox::Untaken(const std::set<std::string>& streams) const {
  MutexLock lock(state_->mutex);
  std::vector<std::string> untaken;
  for (const CollectedBatch& batch : state_->waiting) {
    if (streams.contains(batch.stream)) untaken.push_back(EncodeBatch(batch));
  }
  return untaken;
}

StatusOr<std::string> CollectOutbox::AnswerFor(std::string_view request) {
  ByteReader in(request, "request for collected rows");
  const int buffer = in.GetI32();
  const bool abandons = in.GetBool();
  const uint64_t max_bytes = in.GetU64();
  std::vector<std::pair<std::string, int64_t>> taken;
  for (uint32_t left = in.GetU32(); left > 0 && in.status().ok(); --left) {
    std::string stream(in.GetString());
    const int64_t number = in.GetI64();
    taken.emplace_back(std::move(stream), number);
  }
  WEIR_RETURN_IF_ERROR(in.Finish());
  if (mode() == nullptr) return FailedPreconditionError("this process collects no rows for others");
  return Of(buffer).Answer(abandons, max_bytes, taken);
}

std::string CollectOutbox::Answer(bool abandons, uint64_t max_bytes,
                                  const std::vector<std::pair<std::string, int64_t>>& taken) {
  State& state = *state_;
  MutexLock lock(state.mutex);
  state.asked_nanos = mode()->clock->MonotonicNanos();
  state.Forget(abandons, {taken.begin(), taken.end()});
  state.abandoned |= abandons;
  if (abandons) state.given_up.NotifyAll();
  ByteWriter batches;
  uint32_t count = 0;
  uint64_t bytes = 0;
  for (const CollectedBatch& batch : state.waiting) {
    // One batch always goes, however large it is.
    if (max_bytes == 0 || (count > 0 && bytes + batch.rows.size() > max_bytes)) break;
    PutBatch(batch, batches);
    bytes += batch.rows.size();
    ++count;
  }
  ByteWriter out;
  out.PutBool(state.lost);
  out.PutU32(count);
  out.PutBytes(std::move(batches).Take());
  state.changed.NotifyAll();
  return std::move(out).Take();
}

std::string CollectInbox::NextRequest(uint64_t max_bytes, bool abandons) const {
  ByteWriter out;
  out.PutI32(buffer_);
  out.PutBool(abandons);
  out.PutU64(max_bytes);
  out.PutU32(static_cast<uint32_t>(taken_.size()));
  for (const auto& [stream, number] : taken_) {
    out.PutString(stream);
    out.PutI64(number);
  }
  return std::move(out).Take();
}

StatusOr<bool> CollectInbox::Take(const std::vector<std::string>& answers, CollectBuffer& buffer) {
  taken_.clear();
  for (const std::string& answer : answers) {
    ByteReader in(answer, "collected rows");
    if (in.GetBool()) {
      return AbortedError("this program did not ask for its rows in time, and a worker has dropped some of them");
    }
    for (uint32_t left = in.GetU32(); left > 0 && in.status().ok(); --left) {
      CollectedBatch batch = GetBatch(in);
      if (in.status().ok()) WEIR_RETURN_IF_ERROR(TakeBatch(std::move(batch), buffer));
    }
    WEIR_RETURN_IF_ERROR(in.Finish());
  }
  return !taken_.empty();
}

Status CollectInbox::TakeBatch(CollectedBatch batch, CollectBuffer& buffer) {
  if (batch.may_repeat) return RowsMayRepeatError();
  if (seen_[batch.stream].Add(batch.number)) buffer.PutEncoded(batch.rows);
  taken_.emplace_back(std::move(batch.stream), batch.number);
  return OkStatus();
}

}  // namespace weir
