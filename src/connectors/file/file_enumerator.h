// Finds the files of a file source, cuts them into splits and hands these out.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "weir/base/file/file_system.h"
#include "weir/base/status.h"
#include "weir/base/time.h"
#include "weir/connectors/file/file_split.h"
#include "weir/functions/source.h"

namespace weir {

// What the enumerator of a file source works by.
struct FileDiscovery {
  std::string path;
  // Files are cut into splits of about this size; 0: never cut. Compressed files are never cut.
  int64_t split_bytes = 0;
  // Looks for new files so often; zero: only once.
  Duration interval{0};
};

struct FileEnumeratorState {
  std::vector<FileSplit> waiting;  // not handed out yet
  std::vector<std::string> seen;   // all paths found so far; kept only by sources that look for new files
};

// Splits are handed out in the order of their paths, to whoever asks first. Threads: the JobMaster's event loop; listing a folder takes its time there.
class FileEnumerator final : public SplitEnumerator<FileSplit, FileEnumeratorState> {
 public:
  // `restored`: go on from there; may be null.
  FileEnumerator(FileDiscovery discovery, const FileEnumeratorState* restored);

  // Finds the files; an error if there is none to read.
  Status Start(EnumeratorContext& context) override;
  void HandleSplitRequest(int subtask) override;
  Status AddSplitsBack(std::vector<FileSplit> splits, int subtask) override;
  void OnTimer() override;
  FileEnumeratorState SnapshotState() override;

 private:
  // Adds the splits of files not seen before.
  Status Discover();
  void AddSplits(const FileInfo& file, int64_t split_bytes);
  void ServeWaitingReaders();
  bool continuous() const { return discovery_.interval > Duration(0); }

  const FileDiscovery discovery_;
  const bool restored_;
  std::deque<FileSplit> waiting_;
  std::vector<std::string> seen_;    // sorted
  std::vector<int> hungry_readers_;  // asked while there was nothing, and more may come
};

}  // namespace weir
