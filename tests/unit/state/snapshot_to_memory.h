// Takes what a running snapshot of keyed rows writes, in memory.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "weir/functions/state/keyed_snapshot.h"
#include "weir/state/snapshot/keyed_snapshot_sink.h"

namespace weir {

// What one snapshot of one subtask came to.
struct WrittenToMemory {
  std::string bytes;
  std::string format;
  int64_t base = 0;
  bool may_be_base = false;
  bool is_done = false;
  std::map<std::string, std::string> files;  // by name; what the base has is left out
  std::vector<std::string> file_names;       // all
};

class MemorySink final : public KeyedSnapshotSink {
 public:
  // `known`: whether a file of that name, which never changes, is in the base.
  using Known = std::function<bool(int64_t base, const std::string& name)>;
  MemorySink(WrittenToMemory& written, const bool& is_full, Known known = {})
      : written_(written), is_full_(is_full), known_(std::move(known)) {}

  void Append(std::string bytes) override { written_.bytes += bytes; }
  bool IsFull() const override { return is_full_; }
  void Finish(KeyedSnapshotEnd end) override {
    written_.format = end.format;
    written_.base = end.base;
    written_.may_be_base = end.may_be_base;
    for (size_t i = 0; end.files != nullptr && i < end.files->files().size(); ++i) {
      const BackendFiles::File& file = end.files->files()[i];
      written_.file_names.push_back(file.name);
      if (end.base != 0 && file.never_changes && known_(end.base, file.name)) continue;
      written_.files[file.name] = end.files->Read(i, 0, file.length).value();
    }
    written_.is_done = true;
  }
  void Fail(Status reason) override { ADD_FAILURE() << reason.ToString(); }

 private:
  WrittenToMemory& written_;
  const bool& is_full_;
  const Known known_;
};

// Such files, for a restore.
class MemoryFiles final : public BackendFiles {
 public:
  explicit MemoryFiles(const std::map<std::string, std::string>& files)
      : MemoryFiles(std::vector<std::pair<std::string, std::string>>(files.begin(), files.end())) {}
  // In the order of the vector.
  explicit MemoryFiles(const std::vector<std::pair<std::string, std::string>>& files) {
    for (const auto& [name, bytes] : files) {
      files_.push_back({name, bytes.size(), false});
      bytes_.push_back(bytes);
    }
  }
  const std::vector<File>& files() const override { return files_; }
  StatusOr<std::string> Read(size_t file, uint64_t offset, uint64_t length) override {
    return bytes_[file].substr(offset, length);
  }

 private:
  std::vector<File> files_;
  std::vector<std::string> bytes_;
};

}  // namespace weir
