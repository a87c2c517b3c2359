// The folder of one complete snapshot: reading, checking and deleting what its `_metadata` names.
#pragma once

#include <string>

#include "weir/base/file/file_system.h"
#include "weir/base/status.h"
#include "weir/state/storage/checkpoint_storage.h"

namespace weir {

// As LoadSnapshot, of a folder that is known. kNotFound: it has no `_metadata`; every other damage has another code.
StatusOr<CompletedSnapshot> ReadSnapshotFolder(FileSystem& files, const std::string& directory, SnapshotCheck check);

// After it the folder is no snapshot any more, also after a crash. OK if there is none.
Status DeleteMetadataFile(FileSystem& files, const std::string& directory);

// The files in `directory` that the metadata names, and then the folder if nothing else is in it. OK if some are gone.
Status DeleteSnapshotFiles(FileSystem& files, const CheckpointMetadata& metadata, const std::string& directory);

// A folder with nothing in it. OK if there is something, or no such folder.
Status DeleteIfEmpty(FileSystem& files, const std::string& directory);

}  // namespace weir
