#include "weir/client/cli/file_sums.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "weir/base/file/file_contents.h"
#include "weir/base/file/file_identity.h"
#include "weir/rpc/artifact/sha256.h"

namespace weir::cli {
namespace {

// Some 150 bytes each. A person's programs and their libraries; more are other versions of them.
constexpr size_t kKept = 500;
constexpr uint64_t kLongest = uint64_t{1} << 20;
// A file that changes twice within the file system's resolution looks as it did after the first time.
constexpr Duration kSettled{2000};

std::string_view ValueOf(const char* variable) {
  const char* const value = std::getenv(variable);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

}  // namespace

std::string FileSums::DefaultFolder() {
  if (!ValueOf("XDG_CACHE_HOME").empty()) return std::string(ValueOf("XDG_CACHE_HOME")) + "/weir";
  return ValueOf("HOME").empty() ? "" : std::string(ValueOf("HOME")) + "/.cache/weir";
}

FileSums::FileSums(FileSystem& files, const Clock& clock, std::string folder)
    : files_(files), clock_(clock), folder_(std::move(folder)) {
  if (!folder_.empty()) Load();
}

void FileSums::Load() {
  const StatusOr<std::string> text = ReadWholeFile(files_, folder_ + "/sums", kLongest);
  if (!text.ok()) return;
  std::string_view left = *text;
  while (!left.empty()) {
    const std::string_view line = left.substr(0, left.find('\n'));
    left.remove_prefix(std::min(left.size(), line.size() + 1));
    const size_t space = line.find(' ');
    if (space == std::string_view::npos || !IsSha256(line.substr(space + 1))) continue;
    sums_.emplace(line.substr(0, space), line.substr(space + 1));
  }
}

StatusOr<std::string> FileSums::Of(const std::string& path) {
  const StatusOr<FileIdentity> identity = IdentityOf(path);
  if (!identity.ok() || folder_.empty()) return Sha256OfFile(files_, path);
  const auto known = sums_.find(identity->text);
  if (known != sums_.end()) return known->second;
  WEIR_ASSIGN_OR_RETURN(std::string sum, Sha256OfFile(files_, path));
  const StatusOr<FileIdentity> after = IdentityOf(path);
  const bool is_settled = clock_.WallTime() - identity->changed > kSettled;
  if (is_settled && after.ok() && after->text == identity->text) {
    if (sums_.size() >= kKept) sums_.clear();
    sums_[identity->text] = sum;
    has_new_ = true;
  }
  return sum;
}

void FileSums::Save() {
  if (!std::exchange(has_new_, false)) return;
  std::string text;
  for (const auto& [identity, sum] : sums_) text += identity + " " + sum + "\n";
  // Sums that cannot be kept are computed again: nothing is lost but time.
  if (files_.CreateDirectories(folder_).ok()) static_cast<void>(WriteFileAtomically(files_, folder_ + "/sums", text));
}

}  // namespace weir::cli
