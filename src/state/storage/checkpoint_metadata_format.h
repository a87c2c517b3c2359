// `_metadata` as bytes: docs/formats/checkpoint_metadata.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "weir/base/status.h"
#include "weir/state/storage/checkpoint_metadata.h"

namespace weir {

inline constexpr char kMetadataFileName[] = "_metadata";
inline constexpr uint32_t kMetadataVersion = 1;

// `directory` is that of the snapshot; files below its parent are named relative to it.
std::string EncodeCheckpointMetadata(const CheckpointMetadata& metadata, std::string_view directory);
// `bytes` come from `<directory>/_metadata`. kDataLoss: damaged; kFailedPrecondition: of a newer version. Both name the file and what to do.
StatusOr<CheckpointMetadata> DecodeCheckpointMetadata(std::string_view bytes, std::string_view directory);

// What a task acknowledges, and what it is restored from, as bytes for messages between processes of one version; paths stay as they are.
std::string EncodeSubtaskState(const OperatorSubtaskState& state);
StatusOr<OperatorSubtaskState> DecodeSubtaskState(std::string_view bytes);

}  // namespace weir
