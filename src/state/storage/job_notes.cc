#include "weir/state/storage/job_notes.h"

#include <utility>

#include "weir/base/coding.h"
#include "weir/base/file/file_contents.h"
#include "weir/base/file/file_path.h"
#include "weir/base/hash.h"

namespace weir {

namespace {

constexpr std::string_view kMagic = "WEIRNOTE";
constexpr uint32_t kVersion = 1;

std::string EncodeNote(const std::vector<std::string>& paths) {
  ByteWriter out;
  out.PutBytes(kMagic);
  out.PutU32(kVersion);
  out.PutU32(static_cast<uint32_t>(paths.size()));
  for (const std::string& path : paths) out.PutString(path);
  out.PutU64(HashBytes(out.bytes()));
  return std::move(out).Take();
}

StatusOr<std::vector<std::string>> DecodeNote(std::string_view bytes, const std::string& path) {
  ByteReader in(bytes, path);
  const std::string_view magic = in.GetBytes(kMagic.size());
  const uint32_t version = in.GetU32();
  std::vector<std::string> paths;
  for (uint32_t left = in.GetU32(); left > 0 && in.ok(); --left) paths.emplace_back(in.GetString());
  const size_t length = in.offset();
  const uint64_t checksum = in.GetU64();
  WEIR_RETURN_IF_ERROR(in.Finish());
  if (magic != kMagic || HashBytes(bytes.substr(0, length)) != checksum) in.Reject();
  WEIR_RETURN_IF_ERROR(in.status());
  if (version == kVersion) return paths;
  return FailedPreconditionError(path + " has format version " + std::to_string(version) +
                                 "; this build reads version " + std::to_string(kVersion) +
                                 ". Use the version of Weir that wrote it, or a newer one");
}

}  // namespace

Status WriteNote(FileSystem& files, const std::string& folder, std::string_view name,
                 const std::vector<std::string>& paths) {
  WEIR_RETURN_IF_ERROR(files.CreateDirectories(folder));
  return WriteFileAtomically(files, JoinPath(folder, name), EncodeNote(paths));
}

StatusOr<std::vector<std::string>> ReadNote(FileSystem& files, const std::string& folder, std::string_view name) {
  const std::string path = JoinPath(folder, name);
  const StatusOr<std::string> bytes = ReadWholeFile(files, path);
  if (bytes.status().code() == StatusCode::kNotFound) return std::vector<std::string>();
  if (!bytes.ok()) return bytes.status();
  return DecodeNote(*bytes, path);
}

Status RemoveNote(FileSystem& files, const std::string& folder, std::string_view name) {
  // What a crash cut short.
  files.Delete(JoinPath(folder, name) + ".tmp").ok();
  const Status deleted = files.Delete(JoinPath(folder, name));
  return deleted.code() == StatusCode::kNotFound ? OkStatus() : deleted;
}

}  // namespace weir
