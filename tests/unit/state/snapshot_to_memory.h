// Takes what a running snapshot of keyed rows writes, in memory.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
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

// What the thread that writes has still to do, in order.
class PostedWork {
 public:
  // `work` is given what it writes to, or null once that is given up.
  void Add(WrittenToMemory* to, UniqueFunction<void(WrittenToMemory*)> work) {
    queue_.push_back({to, std::move(work)});
  }
  bool empty() const { return queue_.empty(); }
  size_t size() const { return queue_.size(); }
  void RunNext() {
    Entry next = std::move(queue_.front());
    queue_.pop_front();
    next.work(next.to);
  }
  // `to` is about to go. `drop`: what was to be done for it is not even begun.
  void GiveUp(const WrittenToMemory* to, bool drop) {
    if (drop) std::erase_if(queue_, [to](const Entry& entry) { return entry.to == to; });
    for (Entry& entry : queue_) {
      if (entry.to == to) entry.to = nullptr;
    }
  }

 private:
  struct Entry {
    WrittenToMemory* to;
    UniqueFunction<void(WrittenToMemory*)> work;
  };
  std::deque<Entry> queue_;
};

class MemorySink final : public KeyedSnapshotSink {
 public:
  // `known`: whether a file of that name, which never changes, is in the base.
  using Known = std::function<bool(int64_t base, const std::string& name)>;
  // `posted`: where it leaves its work; null: it is done at once.
  MemorySink(WrittenToMemory& written, const bool& is_full, Known known = {}, PostedWork* posted = nullptr)
      : written_(written), is_full_(is_full), known_(std::move(known)), posted_(posted) {}

  void Append(std::string bytes) override {
    Do([bytes = std::move(bytes)](WrittenToMemory* to) {
      if (to != nullptr) to->bytes += bytes;
    });
  }
  void Post(UniqueFunction<void(KeyedSnapshotOutput&)> work) override {
    Do([work = std::move(work)](WrittenToMemory* to) mutable {
      Output output(to);
      work(output);
    });
  }
  bool IsFull() const override { return is_full_; }
  void Finish(KeyedSnapshotEnd end) override {
    Do([known = known_, end = std::move(end)](WrittenToMemory* to) mutable {
      if (to != nullptr) WriteEnd(end, known, *to);
    });
  }
  void Fail(Status reason) override { ADD_FAILURE() << reason.ToString(); }

 private:
  class Output final : public KeyedSnapshotOutput {
   public:
    explicit Output(WrittenToMemory* to) : to_(to) {}
    void Append(std::string bytes) override {
      if (to_ != nullptr) to_->bytes += bytes;
    }

   private:
    WrittenToMemory* const to_;
  };

  void Do(UniqueFunction<void(WrittenToMemory*)> work) {
    if (posted_ != nullptr) return posted_->Add(&written_, std::move(work));
    work(&written_);
  }
  static void WriteEnd(KeyedSnapshotEnd& end, const Known& known, WrittenToMemory& to) {
    to.format = end.format;
    to.base = end.base;
    to.may_be_base = end.may_be_base;
    for (size_t i = 0; end.files != nullptr && i < end.files->files().size(); ++i) {
      const BackendFiles::File& file = end.files->files()[i];
      to.file_names.push_back(file.name);
      if (end.base != 0 && file.never_changes && known(end.base, file.name)) continue;
      to.files[file.name] = end.files->Read(i, 0, file.length).value();
    }
    to.is_done = true;
  }

  WrittenToMemory& written_;
  const bool& is_full_;
  const Known known_;
  PostedWork* const posted_;
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
    for (uint64_t block = offset / kBlockBytes; block * kBlockBytes < offset + length; ++block)
      blocks_.emplace(file, block);
    return bytes_[file].substr(offset, length);
  }
  // Of the blocks that were touched, as files of a snapshot have them: a head in one makes it read whole.
  uint64_t read_bytes() const { return blocks_.size() * kBlockBytes; }

 private:
  static constexpr uint64_t kBlockBytes = 64 << 10;

  std::vector<File> files_;
  std::vector<std::string> bytes_;
  std::set<std::pair<size_t, uint64_t>> blocks_;
};

}  // namespace weir
