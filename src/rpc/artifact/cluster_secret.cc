#include "weir/rpc/artifact/cluster_secret.h"

#include <sys/stat.h>

#include "weir/base/file/file_contents.h"

namespace weir {
namespace {

constexpr size_t kShortestSecret = 16;
constexpr uint64_t kLongestSecretFile = 4096;

Status WhyNotRead(const Status& reading) {
  const std::string what = "security.secret-file: " + std::string(reading.message());
  if (reading.code() != StatusCode::kPermissionDenied) return Status(reading.code(), what);
  return PermissionDeniedError(what +
                               ". The secret is another user's: act as the user who has started the cluster, or, for a "
                               "cluster of your own, set WEIR_CONF_DIR and WEIR_LOG_DIR to folders of your own.");
}

}  // namespace

StatusOr<std::string> LoadClusterSecret(FileSystem& files, const std::string& path) {
  if (path.empty()) return std::string();
  struct stat status{};
  const bool is_there = stat(path.c_str(), &status) == 0;
  if (is_there && !S_ISREG(status.st_mode))
    return InvalidArgumentError("security.secret-file: " + path + " is no file");
  if (is_there && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return PermissionDeniedError("security.secret-file: others may read " + path + ". Run: chmod 600 " + path);
  }
  StatusOr<std::string> read = ReadWholeFile(files, path, kLongestSecretFile);
  if (!read.ok()) return WhyNotRead(read.status());
  std::string text = *std::move(read);
  const size_t begin = text.find_first_not_of(" \t\r\n");
  const size_t end = text.find_last_not_of(" \t\r\n");
  text = begin == std::string::npos ? "" : text.substr(begin, end + 1 - begin);
  if (text.size() >= kShortestSecret) return text;
  return InvalidArgumentError("security.secret-file: " + path + " holds " + std::to_string(text.size()) +
                              " characters; a secret needs at least " + std::to_string(kShortestSecret) +
                              ". Make one: head -c 32 /dev/urandom | base64 > " + path);
}

bool IsLoopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host == "[::1]" || host.starts_with("127.");
}

Status CheckBindAddress(const std::string& option, const std::string& host, const std::string& secret) {
  if (!secret.empty() || IsLoopback(host)) return OkStatus();
  return FailedPreconditionError(option + " is \"" + host +
                                 "\", which other machines reach, and security.secret-file is not set: whoever reaches "
                                 "the port could run programs here. Set security.secret-file, or bind to localhost.");
}

}  // namespace weir
