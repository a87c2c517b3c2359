// Lists of paths that a job keeps in its folder, so that whoever goes on after a crash knows what lies outside of it: docs/formats/job_notes.md.
//
//   _claimed    the folder of a snapshot that the job was started from and owns
//   _deleting   files outside the job's folder that are about to be deleted
//
// Threads: as CheckpointStorage's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "weir/base/file/file_system.h"
#include "weir/base/status.h"

namespace weir {

inline constexpr char kClaimedNote[] = "_claimed";
inline constexpr char kDeletingNote[] = "_deleting";

// Replaces the note of that name in `folder`, which is made; afterwards it survives a crash.
Status WriteNote(FileSystem& files, const std::string& folder, std::string_view name,
                 const std::vector<std::string>& paths);
// No note: none. kDataLoss: it is damaged.
StatusOr<std::vector<std::string>> ReadNote(FileSystem& files, const std::string& folder, std::string_view name);
// OK if there is none.
Status RemoveNote(FileSystem& files, const std::string& folder, std::string_view name);

}  // namespace weir
