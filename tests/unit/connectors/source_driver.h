// Runs a source in one thread, as the JobMaster and the tasks would.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/clock.h"
#include "weir/base/file/in_memory_file_system.h"
#include "weir/functions/source.h"
#include "weir/types/batch_pool.h"
#include "weir/types/batch_type.h"

namespace weir {

// What the enumerator asked for.
class RecordingEnumeratorContext final : public EnumeratorContext {
 public:
  RecordingEnumeratorContext(int parallelism, FileSystem& file_system, const Clock& clock)
      : file_system_(file_system), clock_(clock), assigned(parallelism), no_more(parallelism) {}

  int parallelism() const override { return static_cast<int>(assigned.size()); }
  FileSystem& file_system() override { return file_system_; }
  const Clock& clock() const override { return clock_; }
  void AssignEncodedSplit(int subtask, std::string split) override { assigned[subtask].push_back(std::move(split)); }
  void SignalNoMoreSplits(int subtask) override { no_more[subtask] = true; }
  void CallLater(Duration delay) override { timers.push_back(delay); }
  void Fail(Status status) override { failure = std::move(status); }

 private:
  FileSystem& file_system_;
  const Clock& clock_;

 public:
  std::vector<std::vector<std::string>> assigned;
  std::vector<bool> no_more;
  std::vector<Duration> timers;
  Status failure;
};

inline RuntimeContext ContextOf(FileSystem& file_system, const Clock& clock, int subtask = 0, int parallelism = 1) {
  RuntimeContext::Values values;
  values.subtask_index = subtask;
  values.parallelism = parallelism;
  values.file_system = &file_system;
  values.clock = &clock;
  return RuntimeContext(std::move(values));
}

// A file in `files`, folders included.
inline void PutFile(FileSystem& files, const std::string& path, std::string_view content) {
  if (const size_t slash = path.rfind('/'); slash != std::string::npos && slash > 0) {
    ASSERT_TRUE(files.CreateDirectories(path.substr(0, slash)).ok());
  }
  auto file = files.OpenForWrite(path, WriteMode::kTruncate);
  ASSERT_TRUE(file.ok()) << file.status().ToString();
  ASSERT_TRUE(file.value()->Append(content).ok());
  ASSERT_TRUE(file.value()->Close().ok());
}

inline std::string FileContent(FileSystem& files, const std::string& path) {
  auto file = files.OpenForRead(path);
  if (!file.ok()) return "<" + file.status().ToString() + ">";
  std::string content(file.value()->Size().value(), '\0');
  EXPECT_EQ(file.value()->Read({content.data(), content.size()}).value(), content.size());
  return content;
}

// Calls `take(const T&)` for the rows that count in what one Read gives.
template <class T, class Take>
ReadResult ReadOnce(SourceReaderBase& reader, uint32_t rows, Take&& take) {
  BatchPoolHandle pool(&BatchTypeOf<T>());
  BatchBase* const batch = pool->Get();
  ReadResult result = reader.ReadBatch(*batch, Budget{.rows = rows});
  AsBatch<T>(*batch).ForEach([&](const T& row, uint32_t) { take(row); });
  Recycle(batch);
  return result;
}

// Reads until the reader is idle, at its end or failed.
template <class T, class Take>
ReadResult ReadWhileProgress(SourceReaderBase& reader, uint32_t rows, Take&& take) {
  while (true) {
    ReadResult result = ReadOnce<T>(reader, rows, take);
    if (result.kind != ReadResult::Kind::kProgress) return result;
  }
}

// Runs the bounded source to its end with `parallelism` readers that take turns; `take(subtask, const T&)`.
template <class T, class Take>
Status RunSource(const SourceFactory& source, FileSystem& files, const Clock& clock, int parallelism, Take&& take) {
  RecordingEnumeratorContext context(parallelism, files, clock);
  WEIR_ASSIGN_OR_RETURN(std::unique_ptr<SplitEnumeratorBase> enumerator, source.CreateEnumerator(nullptr));
  WEIR_RETURN_IF_ERROR(enumerator->Start(context));
  std::vector<std::unique_ptr<SourceReaderBase>> readers;
  for (int i = 0; i < parallelism; ++i) {
    WEIR_ASSIGN_OR_RETURN(std::unique_ptr<SourceReaderBase> reader,
                          source.CreateReader(ContextOf(files, clock, i, parallelism)));
    WEIR_RETURN_IF_ERROR(reader->Open([](void*) {}, nullptr));
    enumerator->AddReader(i);
    readers.push_back(std::move(reader));
  }
  int running = parallelism;
  std::vector<bool> ended(parallelism);
  while (running > 0) {
    for (int i = 0; i < parallelism; ++i) {
      if (ended[i]) continue;
      SourceReaderBase& reader = *readers[i];
      if (reader.WantsSplit()) enumerator->HandleSplitRequest(i);
      if (!context.failure.ok()) return context.failure;
      WEIR_RETURN_IF_ERROR(reader.AddEncodedSplits(std::exchange(context.assigned[i], {})));
      if (context.no_more[i]) reader.NoMoreSplits();
      ReadResult result = ReadOnce<T>(reader, kMaxBatchRows, [&](const T& row) { take(i, row); });
      if (result.kind == ReadResult::Kind::kError) return result.error;
      ended[i] = result.kind == ReadResult::Kind::kEnd;
      if (ended[i]) --running;
    }
  }
  for (auto& reader : readers) WEIR_RETURN_IF_ERROR(reader->Close());
  return OkStatus();
}

}  // namespace weir
