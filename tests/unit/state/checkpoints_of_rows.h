// Checkpoints of one backend's rows and of the pieces beside them, one on top of the other: for tests of what a change costs.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "weir/functions/state/keyed_rows.h"

#include "tests/unit/state/snapshot_to_memory.h"

namespace weir {

// One checkpoint of rows and pieces: bytes of both, and the most that one call wrote.
struct Taken {
  uint64_t bytes = 0;
  uint64_t most_at_once = 0;
};

class Checkpoints {
 public:
  Taken Take(KeyedRows& rows) {
    Taken taken;
    rows.Finish();
    std::vector<std::unique_ptr<KeyedSnapshot>> snapshots;
    std::vector<WrittenToMemory> written(2);
    ++id_;
    for (KeyedRows* const each : {&rows, rows.pieces()}) snapshots.push_back(each->BeginSnapshot());
    for (size_t i = 0; i < snapshots.size(); ++i) {
      const KeyedSnapshotRequest request{
          .checkpoint_id = id_, .is_native = true, .may_be_shared = true, .max_inline_bytes = 1024};
      auto sink = std::make_shared<MemorySink>(written[i], is_full_, [this, i](int64_t, const std::string& name) {
        return std::count(files_[i].begin(), files_[i].end(), name) > 0;
      });
      snapshots[i]->Start(request, std::move(sink));
      for (uint64_t before = 0; !written[i].is_done; before = written[i].bytes.size()) {
        snapshots[i]->Advance();
        taken.most_at_once = std::max<uint64_t>(taken.most_at_once, written[i].bytes.size() - before);
      }
      taken.bytes += written[i].bytes.size();
      for (const auto& [name, bytes] : written[i].files) taken.bytes += bytes.size();
      files_[i] = written[i].file_names;
      snapshots[i]->OnComplete();
    }
    return taken;
  }

 private:
  int64_t id_ = 0;
  bool is_full_ = false;
  std::vector<std::string> files_[2];
};

}  // namespace weir
