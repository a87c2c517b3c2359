// A snapshot to test with, and a small language for what is in folders.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "weir/base/file/file_system.h"
#include "weir/state/storage/checkpoint_metadata.h"
#include "weir/state/storage/snapshot_writer.h"

namespace weir {

inline JobId TestJob() { return JobId(Id128{0x1111111111111111, 0x2222222222222222}); }
inline OperatorId TestOperator(uint64_t number) { return OperatorId(Id128{number, number}); }

// One keyed operator in two subtasks and one source, whose state lies in files of `directory`, in a shared one, and inline.
CheckpointMetadata TestMetadata(const std::string& directory);

// Metadata of one operator in one subtask with keyed state in `rows`, and in the shared files `shared`.
CheckpointMetadata MetadataOf(CheckpointId id, const StreamStateHandle& rows, const std::vector<StateFile>& shared);

// All files and folders below `directory`, relative to it, folders with a slash at their end, in order.
std::vector<std::string> Tree(FileSystem& files, const std::string& directory);

// Writes `content` in a file of its own; the handle of it.
StreamStateHandle WrittenFile(FileSystem& files, const std::string& path, std::string_view content, StateScope scope);

}  // namespace weir
