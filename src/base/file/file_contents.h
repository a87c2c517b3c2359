// Whole files at once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "weir/base/file/file_system.h"

namespace weir {

// kResourceExhausted when the file is longer than `limit`: what a person passes as a small file may be anything.
StatusOr<std::string> ReadWholeFile(FileSystem& files, const std::string& path, uint64_t limit = uint64_t{1} << 30);

// `bytes` from `offset`, exactly `length` of them; kDataLoss when the file is shorter.
StatusOr<std::string> ReadExactly(const ReadableFile& file, uint64_t offset, size_t length);

// Writes `path` so that others see the old content or the new one, never a part, even after a crash: a temporary file beside it, synced, renamed,
// directory synced. Removes the temporary file when it fails.
Status WriteFileAtomically(FileSystem& files, const std::string& path, std::string_view content);

}  // namespace weir
