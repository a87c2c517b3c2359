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

// Logs a warning if anybody in the network may run programs here.
void WarnIfOpen(const std::string& host, bool has_token, bool is_history_server);

}  // namespace weir
