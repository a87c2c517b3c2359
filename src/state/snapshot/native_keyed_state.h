// Keyed state in a backend's own form: files that only the backend understands.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "weir/base/status.h"
#include "weir/types/key_group.h"

namespace weir {

// Where such files come from, be it the backend's own folder or a snapshot. Threads: one at a time; they wait for the disk.
class BackendFiles {
 public:
  struct File {
    std::string name = {};  // what the backend knows it by
    uint64_t length = 0;
    bool never_changes = false;  // a file of this name always has this content, so an earlier copy of it will do
  };
  virtual ~BackendFiles() = default;

  virtual const std::vector<File>& files() const = 0;
  // The bytes [offset, offset + length) of the file of that number, which has them. A file is read from its begin to its end.
  virtual StatusOr<std::string> Read(size_t file, uint64_t offset, uint64_t length) = 0;
  // The same, to memory of the caller. Pieces may be left out.
  virtual Status ReadTo(size_t file, uint64_t offset, uint64_t length, char* to) {
    WEIR_ASSIGN_OR_RETURN(const std::string bytes, Read(file, offset, length));
    std::memcpy(to, bytes.data(), bytes.size());
    return OkStatus();
  }
  // Where a file that never changes lies on a disk of this machine, synced; empty: nowhere.
  virtual std::string LocalPath(size_t) const { return {}; }
};

// What a subtask is restored from.
struct NativeKeyedState {
  std::string format = {};        // KeyedStateHandle::format
  KeyGroupRange key_groups = {};  // that are to be taken from it; it may hold more
  std::string state = {};         // what the backend needs beside the files
  std::shared_ptr<BackendFiles> files = {};
  // Of the checkpoint that this is the whole of, and whose files the next one may name again; 0: it must not.
  int64_t base = 0;

  friend bool operator==(const NativeKeyedState&, const NativeKeyedState&) = default;
};

}  // namespace weir
