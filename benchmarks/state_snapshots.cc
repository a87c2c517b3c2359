// Snapshots and restores of keyed rows, 10 M integer keys with one integer each, in two subtasks.
//
//   state_snapshots ours|baseline --measure <what> [--keys n] [--backend hashmap|rocksdb]
//
//   full            a full snapshot on the disk; baseline: the same bytes scanned, written and synced by hand
//   increment       value: bytes of an increment after 1 % of the keys have changed, in percent of a full one
//   restore         both subtasks at a time, from the page cache; baseline: insertion of the same rows
//   restore_ms      the same, milliseconds
//   restore_field   a restore into a type with one more field; baseline: into the same type
//   rescale_1_to_2  value: milliseconds in which one of two subtasks reads its half of what one wrote
//   rescale_2_to_1  value: milliseconds in which one subtask reads what two wrote
//   canonical_write value: nanoseconds per entry of a canonical savepoint
//   canonical_read  value: nanoseconds per entry of reading it
//   start_to_first_batch  value: milliseconds from the start of a process that restores both subtasks to the end of its first batch
//   barrier_stop    value: the longest time that a snapshot each second holds the task up at once, milliseconds; keys Zipf 0.99
//   barrier_done    value: the longest time from begin to end of these, milliseconds
//
// Restores and what they are compared with are done twice, and the second time counts: memory that a virtual machine has never touched costs some milliseconds
// per 2 MiB, whoever touches it.

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "weir/base/execution/event_count.h"
#include "weir/base/execution/thread_executor.h"
#include "weir/base/file/file_contents.h"
#include "weir/base/file/file_system.h"
#include "weir/base/hash.h"
#include "weir/functions/state/keyed_state.h"
#include "weir/runtime/worker/task_snapshot.h"
#include "weir/state/state_backend.h"
#include "weir/state/storage/checkpoint_metadata_format.h"
#include "weir/state/storage/operator_state_files.h"

#include "measure.h"
#include "zipf.h"

namespace {

using namespace weir::bench;

constexpr uint32_t kBatch = 1024;

weir::LocalFileSystem disk;

// How long its thread is at something, waiting included; turns that the kernel gives to other threads in the middle of it are not.
class ThreadTurn {
 public:
  double Milliseconds() const {
    return (Switches() == switches_ ? watch_.WallSeconds() : CpuSeconds() - cpu_began_) * 1e3;
  }

 private:
  static int64_t Switches() {
    rusage usage{};
    getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_nivcsw;
  }
  static double CpuSeconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
  }
  const int64_t switches_ = Switches();
  const double cpu_began_ = CpuSeconds();
  const Stopwatch watch_;
};

struct Counted {
  int64_t count = 0;
};
struct CountedLater {
  int64_t count = 0;
  int64_t last = 0;
};
template <class V>
struct Function : weir::StatefulFunction {
  weir::ValueState<V> value{this, "value"};
};

// The rows of one subtask, and their way to files.
template <class V>
class Subtask {
 public:
  Subtask(weir::StateBackend& backend, int index, int parallelism)
      : groups_(weir::KeyGroupRangeOf(index, parallelism, 128)),
        rows_(backend.CreateKeyedRows({.states = function_.keyed_states(), .key_groups = groups_}).value()) {
    function_.BindStates(*rows_);
    weir::TaskSnapshots::Options options;
    options.files = &disk;
    options.task.attempt_id =
        weir::ExecutionAttemptId(weir::Id128{static_cast<uint64_t>(parallelism), static_cast<uint64_t>(index) + 1});
    options.task.subtask_index = index;
    options.task.parallelism = parallelism;
    options.task.max_parallelism = 128;
    options.operators = {{weir::OperatorId(weir::Id128{1, 1}), "counts"}};
    options.post = [this](weir::Closure work) { io_.Post(std::move(work)); };
    options.executor = &executor_;
    snapshots_ = std::make_shared<weir::TaskSnapshots>(std::move(options));
  }

  // Adds one to the state of every key.
  void Add(const std::vector<int64_t>& keys) {
    hashes_.resize(keys.size());
    pointers_.resize(keys.size());
    weir::HashInts(keys, hashes_);
    rows_->Prepare({.integers = keys.data()}, hashes_.data(), static_cast<uint32_t>(keys.size()), pointers_.data());
    for (char* row : pointers_) {
      function_.key_context().row = row;
      function_.value.Modify([](V& value) { ++value.count; });
    }
    rows_->Finish();
    rows_->EndStep();
  }
  bool Owns(int64_t key) const {
    return groups_.Contains(weir::KeyGroupForHash(weir::Hash64(static_cast<uint64_t>(key)), 128));
  }
  // `between` runs between two pieces of it; whether there is any.
  template <class Between>
  weir::WrittenSnapshot Take(const weir::SnapshotLocation& location, Between between, double* longest_ms = nullptr) {
    disk.CreateDirectories(location.directory).ok();
    std::atomic<bool> is_done{false};
    weir::StatusOr<weir::WrittenSnapshot> result = weir::WrittenSnapshot();
    double longest = 0;
    const auto timed = [&](auto work) {
      const ThreadTurn turn;
      const bool more = work();
      longest = std::max(longest, turn.Milliseconds());
      return more;
    };
    std::shared_ptr<weir::KeyedSnapshot> snapshot;
    timed([&] {
      snapshot = rows_->BeginSnapshot();
      weir::FrozenTask frozen;
      frozen.operators.resize(1);
      frozen.operators[0].running = {snapshot};
      snapshots_->Begin(location, std::move(frozen), [&](weir::StatusOr<weir::WrittenSnapshot> written) {
        result = std::move(written);
        is_done.store(true, std::memory_order_release);
        executor_.Notify();
      });
      return true;
    });
    while (!is_done.load(std::memory_order_acquire)) {
      const bool more = timed([&] { return snapshot->Advance(); });
      if (between() || more) continue;
      executor_.PrepareWait();
      if (is_done.load(std::memory_order_acquire) || snapshot->Advance()) {
        executor_.CancelWait();
      } else {
        executor_.Wait();
      }
    }
    snapshot->OnComplete();
    if (longest_ms != nullptr) *longest_ms = longest;
    if (!result.ok()) {
      std::fprintf(stderr, "%s\n", result.status().ToString().c_str());
      std::exit(1);
    }
    return *std::move(result);
  }
  weir::WrittenSnapshot Take(const weir::SnapshotLocation& location) {
    return Take(location, [] { return false; });
  }
  // Reads what one subtask wrote, as far as it belongs to this one.
  void Read(const weir::OperatorSubtaskState& state) {
    const weir::OperatorStateParts parts = weir::ReadOperatorState(disk, state).value();
    for (const std::string& bytes : parts.keyed) {
      weir::ByteReader in(bytes, "keyed state");
      if (const weir::Status status = rows_->Read(in); !status.ok()) {
        std::fprintf(stderr, "%s\n", status.ToString().c_str());
        std::exit(1);
      }
    }
    for (const weir::NativeKeyedState& native : parts.native) {
      if (!rows_->ReadNative(native).ok()) std::exit(1);
    }
  }
  weir::KeyedRows& rows() { return *rows_; }

 private:
  Function<V> function_;
  const weir::KeyGroupRange groups_;
  std::unique_ptr<weir::KeyedRows> rows_;
  weir::EventCount executor_;
  std::shared_ptr<weir::TaskSnapshots> snapshots_;
  std::vector<uint64_t> hashes_;
  std::vector<char*> pointers_;
  weir::ThreadExecutor io_{"state-io", 1};
};

class Measurement {
 public:
  explicit Measurement(const Arguments& arguments)
      : keys_(arguments.Number("--keys", 10'000'000)),
        is_baseline_(arguments.baseline()),
        what_(arguments.Text("--measure", "full")) {
    char name[] = "/tmp/weir-snapshots-XXXXXX";
    folder_ = mkdtemp(name);
    disk.CreateDirectories(folder_ + "/shared").ok();
    const std::string backend = arguments.Text("--backend", "hashmap");
    backend_ = weir::NewStateBackend(
                   backend, {.rocksdb_directories = {folder_ + "/local"}, .rocksdb_memory_bytes = uint64_t{1} << 30})
                   .value();
  }
  ~Measurement() { disk.DeleteRecursively(folder_).ok(); }

  int Run() {
    if (what_ == "full") return Full();
    if (what_ == "increment") return Increment();
    if (what_ == "restore" || what_ == "restore_ms") return Restore();
    if (what_ == "restore_field") return RestoreField();
    if (what_ == "rescale_1_to_2") return Rescale(1, 2);
    if (what_ == "rescale_2_to_1") return Rescale(2, 1);
    if (what_ == "start_to_first_batch") return StartToFirstBatch();
    if (what_ == "canonical_write" || what_ == "canonical_read") return Canonical();
    return Barriers();
  }

 private:
  template <class V = Counted>
  std::unique_ptr<Subtask<V>> Filled(int index, int parallelism) {
    auto subtask = std::make_unique<Subtask<V>>(*backend_, index, parallelism);
    std::vector<int64_t> batch;
    for (int64_t key = 0; key < keys_; ++key) {
      if (subtask->Owns(key)) batch.push_back(key);
      if (batch.size() < kBatch && key + 1 < keys_) continue;
      if (!batch.empty()) subtask->Add(batch);
      batch.clear();
    }
    return subtask;
  }
  weir::SnapshotLocation Checkpoint(int64_t id) {
    return {.id = weir::CheckpointId(id),
            .directory = folder_ + "/chk-" + std::to_string(id),
            .shared_directory = folder_ + "/shared"};
  }
  weir::SnapshotLocation Savepoint(int64_t id) {
    weir::SnapshotLocation location = Checkpoint(id);
    location.kind = weir::SnapshotKind::kSavepoint;
    location.format = weir::SnapshotFormat::kCanonical;
    location.shared_directory.clear();
    return location;
  }
  int Report(const Stopwatch& watch, int64_t records, double value = 0) {
    std::printf("{\"name\": \"state_snapshots\", \"records\": %" PRId64
                ", \"cpu_s\": %.6f, \"wall_s\": %.6f, \"value\": %.4f, \"checksum\": \"%016" PRIx64 "\"}\n",
                records, watch.CpuSeconds(), watch.WallSeconds(), value, static_cast<uint64_t>(records));
    return 0;
  }

  int Full() {
    const auto subtask = Filled(0, 1);
    if (is_baseline_) {
      WriteByHand(*subtask, "first");
      const Stopwatch watch;
      WriteByHand(*subtask, "second");
      return Report(watch, keys_);
    }
    weir::SnapshotLocation location = Checkpoint(1);
    location.is_full = true;
    subtask->Take(location);
    location = Checkpoint(2);
    location.is_full = true;
    const Stopwatch watch;
    subtask->Take(location);
    return Report(watch, keys_);
  }
  // Key and state of each row, 16 bytes, and 8 more for what else a row has.
  void WriteByHand(Subtask<Counted>& subtask, const std::string& name) {
    const int file = open((folder_ + "/" + name).c_str(), O_CREAT | O_WRONLY, 0600);
    std::string buffer;
    buffer.reserve(4 << 20);
    char* rows[kBatch];
    for (weir::RowCursor cursor; !cursor.done;) {
      const uint32_t count = subtask.rows().Walk(cursor, kBatch, rows);
      for (uint32_t i = 0; i < count; ++i) {
        const int64_t key = subtask.rows().KeyOf(rows[i]).integer;
        buffer.append(reinterpret_cast<const char*>(&key), sizeof(key));
        buffer.append(rows[i], sizeof(Counted));
        buffer.append(8, '\0');
      }
      if (buffer.size() + kBatch * 24 < buffer.capacity() && !cursor.done) continue;
      if (write(file, buffer.data(), buffer.size()) < 0) std::exit(1);
      buffer.clear();
    }
    fdatasync(file);
    close(file);
  }

  int Increment() {
    const auto subtask = Filled(0, 1);
    const double full = static_cast<double>(subtask->Take(Checkpoint(1)).new_bytes);
    std::vector<int64_t> batch(kBatch);
    for (int64_t n = 0; n < keys_ / 100; n += kBatch) {
      for (uint32_t i = 0; i < kBatch; ++i)
        batch[i] = static_cast<int64_t>(Mix(static_cast<uint64_t>(n + i)) % static_cast<uint64_t>(keys_));
      subtask->Add(batch);
    }
    const Stopwatch watch;
    const double increment = static_cast<double>(subtask->Take(Checkpoint(2)).new_bytes);
    return Report(watch, keys_, increment / full * 100);
  }

  // What `parallelism` subtasks have written.
  std::vector<weir::OperatorSubtaskState> Written(int parallelism, bool is_canonical = false) {
    std::vector<weir::OperatorSubtaskState> written;
    for (int i = 0; i < parallelism; ++i) {
      const auto subtask = Filled(i, parallelism);
      written.push_back(subtask->Take(is_canonical ? Savepoint(1) : Checkpoint(1)).state[0]);
    }
    return written;
  }
  // Fresh subtasks of type V each read their part of `written`, at the same time.
  template <class V>
  int ReadInParallel(const std::vector<weir::OperatorSubtaskState>& written) {
    ReadAll<V>(written);
    const Stopwatch watch;
    const uint64_t rows = ReadAll<V>(written, &watch);
    std::printf("{\"name\": \"state_snapshots\", \"records\": %" PRIu64
                ", \"cpu_s\": %.6f, \"wall_s\": %.6f, \"value\": %.4f, \"checksum\": \"%016" PRIx64 "\"}\n",
                rows, read_cpu_s_, read_ms_ / 1e3, read_ms_, rows);
    return 0;
  }
  // Returns how many rows there are. Destroying them is not measured.
  template <class V>
  uint64_t ReadAll(const std::vector<weir::OperatorSubtaskState>& written, const Stopwatch* watch = nullptr) {
    std::vector<std::thread> threads;
    std::vector<std::unique_ptr<Subtask<V>>> subtasks;
    for (size_t i = 0; i < written.size(); ++i)
      subtasks.push_back(
          std::make_unique<Subtask<V>>(*backend_, static_cast<int>(i), static_cast<int>(written.size())));
    for (size_t i = 0; i < written.size(); ++i) threads.emplace_back([&, i] { subtasks[i]->Read(written[i]); });
    for (std::thread& thread : threads) thread.join();
    if (watch != nullptr) {
      read_ms_ = watch->WallSeconds() * 1e3;
      read_cpu_s_ = watch->CpuSeconds();
    }
    uint64_t rows = 0;
    for (const auto& subtask : subtasks) rows += subtask->rows().row_count();
    return rows;
  }
  int Restore() {
    if (!is_baseline_) return ReadInParallel<Counted>(Written(2));
    Filled(0, 1);
    const Stopwatch watch;
    const auto subtask = Filled(0, 1);
    return Report(watch, static_cast<int64_t>(subtask->rows().row_count()));
  }
  int RestoreField() {
    const auto written = Written(2);
    return is_baseline_ ? ReadInParallel<Counted>(written) : ReadInParallel<CountedLater>(written);
  }
  int Rescale(int from, int to) {
    const auto written = Written(from);
    {
      Subtask<Counted> first(*backend_, 0, to);
      for (const weir::OperatorSubtaskState& state : written) first.Read(state);
    }
    Subtask<Counted> subtask(*backend_, 0, to);
    const Stopwatch watch;
    for (const weir::OperatorSubtaskState& state : written) subtask.Read(state);
    return Report(watch, static_cast<int64_t>(subtask.rows().row_count()), watch.WallSeconds() * 1e3);
  }
  int Canonical() {
    const auto subtask = Filled(0, 1);
    subtask->Take(Savepoint(1));
    const Stopwatch write;
    const weir::OperatorSubtaskState state = subtask->Take(Savepoint(2)).state[0];
    const double write_ns = write.WallSeconds() * 1e9 / static_cast<double>(keys_);
    if (what_ == "canonical_write") return Report(write, keys_, write_ns);
    Subtask<Counted> reader(*backend_, 0, 1);
    const Stopwatch read;
    reader.Read(state);
    return Report(read, keys_, read.WallSeconds() * 1e9 / static_cast<double>(keys_));
  }

  int StartToFirstBatch() {
    const auto written = Written(2);
    for (size_t i = 0; i < written.size(); ++i) {
      const std::unique_ptr<weir::WritableFile> file =
          disk.OpenForWrite(folder_ + "/state-" + std::to_string(i), weir::WriteMode::kCreate).value();
      if (!file->Append(weir::EncodeSubtaskState(written[i])).ok() || !file->Close().ok()) return 1;
    }
    StartAndWait();
    const Stopwatch watch;
    if (!StartAndWait()) return 1;
    return Report(watch, keys_, watch.WallSeconds() * 1e3);
  }
  bool StartAndWait() {
    std::string program = "/proc/self/exe";
    std::string option = "--restored-from";
    char* arguments[] = {program.data(), option.data(), folder_.data(), nullptr};
    pid_t child = 0;
    int status = 0;
    if (posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments, environ) != 0) return false;
    return waitpid(child, &status, 0) == child && status == 0;
  }

  int Barriers() {
    const auto subtask = Filled(0, 1);
    std::vector<int64_t> batch(256);
    Zipf zipf(static_cast<uint64_t>(keys_), /*seed=*/1);
    uint64_t n = 0;
    const auto work = [&] {
      for (int64_t& key : batch) key = static_cast<int64_t>(zipf.Next());
      n += batch.size();
      subtask->Add(batch);
      return true;
    };
    const Stopwatch all;
    double stop_ms = 0;
    double done_ms = 0;
    for (int64_t id = 1; id <= 10; ++id) {
      const Stopwatch second;
      double longest_ms = 0;
      subtask->Take(Checkpoint(id), work, &longest_ms);
      // The first one is everything.
      if (id > 2) {
        stop_ms = std::max(stop_ms, longest_ms);
        done_ms = std::max(done_ms, second.WallSeconds() * 1e3);
      }
      while (second.WallSeconds() < 1) work();
    }
    return Report(all, static_cast<int64_t>(n), what_ == "barrier_stop" ? stop_ms : done_ms);
  }

  const int64_t keys_;
  const bool is_baseline_;
  const std::string what_;
  std::string folder_;
  std::unique_ptr<weir::StateBackend> backend_;
  // Of the last ReadAll.
  double read_ms_ = 0;
  double read_cpu_s_ = 0;
};

// The process that StartToFirstBatch starts: restores what lies in `folder`, and ends when each subtask has worked on a batch.
void RestoreAndWork(const std::string& folder) {
  const std::unique_ptr<weir::StateBackend> backend = weir::NewStateBackend("hashmap").value();
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&, i] {
      const std::string bytes = weir::ReadWholeFile(disk, folder + "/state-" + std::to_string(i)).value();
      // Not destroyed: the process is over.
      auto* const subtask = new Subtask<Counted>(*backend, i, 2);
      subtask->Read(weir::DecodeSubtaskState(bytes).value());
      std::vector<int64_t> batch;
      for (int64_t key = 0; batch.size() < kBatch; ++key) {
        if (subtask->Owns(key)) batch.push_back(key);
      }
      subtask->Add(batch);
    });
  }
  for (std::thread& thread : threads) thread.join();
  _exit(0);
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments(argc, argv);
  if (const std::string folder = arguments.Text("--restored-from", ""); !folder.empty()) RestoreAndWork(folder);
  return Measurement(arguments).Run();
}
