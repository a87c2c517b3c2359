// Who may call the REST API, and how it is reached.
#pragma once

#include <string>
#include <string_view>

#include "weir/base/status.h"

namespace weir {

class Configuration;

// Only processes of this machine reach an address to listen on.
bool IsLoopbackHost(std::string_view host);

// The token of `rest.authentication.token-file`; empty: none is asked for. Refuses a file that others may read, and a token that is short.
StatusOr<std::string> LoadRestToken(const Configuration& configuration);

// Whether `authorization`, a header's value, is "Bearer <token>". Takes a time that does not tell where the two differ.
bool IsAuthorized(std::string_view authorization, std::string_view token);

// What a browser says of the page that a request comes from, in headers that no script can set.
struct RequestSource {
  std::string_view fetch_site;  // Sec-Fetch-Site; empty: no browser, or an old one
  std::string_view origin;
};
// Whether a page of somebody else makes the browser of a person, who reaches this server, do something here: run a program, cancel a job. It could not read the
// answer, but would not need to. `allowed_origin`: web.access-control-allow-origin.
bool IsForeignAction(std::string_view method, std::string_view path, const RequestSource& source,
                     std::string_view allowed_origin);

// Logs a warning if anybody in the network may run programs here.
void WarnIfOpen(const std::string& host, bool has_token, bool is_history_server);

}  // namespace weir
