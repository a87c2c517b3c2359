#include "weir/jobmanager/rest/rest_security.h"

#include <sys/stat.h>

#include "weir/base/file/file_contents.h"
#include "weir/base/file/file_system.h"
#include "weir/base/logging.h"
#include "weir/config/configuration.h"
#include "weir/config/rest_options.h"

namespace weir {

namespace {

constexpr uint64_t kLongestTokenFile = 4096;
// 16 characters of base64 are 96 bits: more than can be guessed through a network.
constexpr size_t kShortestToken = 16;

bool AreEqual(std::string_view a, std::string_view b) {
  // The length of a token is no secret, its characters are.
  if (a.size() != b.size()) return false;
  volatile unsigned char difference = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    difference =
        static_cast<unsigned char>(difference | (static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i])));
  }
  return difference == 0;
}

}  // namespace

bool IsLoopbackHost(std::string_view host) {
  return host == "localhost" || host == "::1" || host == "[::1]" || host.starts_with("127.");
}

StatusOr<std::string> LoadRestToken(const Configuration& configuration) {
  const std::string path = configuration.Get(kRestTokenFile);
  if (path.empty()) return std::string();
  struct stat status{};
  if (stat(path.c_str(), &status) == 0 && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return PermissionDeniedError("rest.authentication.token-file: others may read " + path + ". Run: chmod 600 " +
                                 path);
  }
  LocalFileSystem files;
  WEIR_ASSIGN_OR_RETURN(std::string text, ReadWholeFile(files, path, kLongestTokenFile));
  text.resize(text.find_first_of("\r\n") == std::string::npos ? text.size() : text.find_first_of("\r\n"));
  if (text.size() >= kShortestToken && text.find(' ') == std::string::npos) return text;
  return InvalidArgumentError("rest.authentication.token-file: the first line of " + path + " has " +
                              std::to_string(text.size()) + " characters; expected at least " +
                              std::to_string(kShortestToken) +
                              " and no space. Make one: head -c 32 /dev/urandom | base64 -w 0 > " + path);
}

bool IsAuthorized(std::string_view authorization, std::string_view token) {
  constexpr std::string_view kScheme = "Bearer ";
  return authorization.starts_with(kScheme) && AreEqual(authorization.substr(kScheme.size()), token);
}

bool IsForeignAction(std::string_view method, std::string_view path, const RequestSource& source,
                     std::string_view allowed_origin) {
  // The one operation that acts on a GET, for old proxies that let nothing else pass.
  const bool acts = (method != "GET" && method != "HEAD" && method != "OPTIONS") || path.ends_with("/yarn-cancel");
  // Another port of the same machine is "same-site".
  const bool is_foreign = source.fetch_site == "cross-site" || source.fetch_site == "same-site";
  const bool is_allowed =
      !allowed_origin.empty() && (allowed_origin == "*" || (!source.origin.empty() && allowed_origin == source.origin));
  return acts && is_foreign && !is_allowed;
}

void WarnIfOpen(const std::string& host, bool has_token, bool is_history_server) {
  if (has_token || IsLoopbackHost(host)) return;
  if (is_history_server) {
    WEIR_LOG(kWarning,
             "THE HISTORY SERVER LISTENS ON {} WITHOUT AUTHENTICATION: whoever reaches the port may read all about the "
             "archived jobs. Set rest.authentication.token-file and historyserver.web.ssl.enabled, or "
             "historyserver.web.address: localhost",
             host);
    return;
  }
  WEIR_LOG(
      kWarning,
      "THE REST API LISTENS ON {} WITHOUT AUTHENTICATION: whoever reaches the port may upload and run programs, and "
      "cancel jobs. Set rest.authentication.token-file and security.ssl.rest.enabled, or rest.bind-address: localhost",
      host);
}

}  // namespace weir
