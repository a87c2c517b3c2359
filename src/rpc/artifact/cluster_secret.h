// The secret that the processes of a cluster share.
#pragma once

#include <string>

#include "weir/base/file/file_system.h"

namespace weir {

// The content of the file, without the white space around it. kPermissionDenied if others than its owner may read it; kInvalidArgument if it is too short to
// be a secret. An empty path is no secret.
StatusOr<std::string> LoadClusterSecret(FileSystem& files, const std::string& path);

// Whether only processes of this machine reach an address to listen on.
bool IsLoopback(const std::string& host);
// OK, or why a daemon without a secret may not listen there.
Status CheckBindAddress(const std::string& option, const std::string& host, const std::string& secret);

}  // namespace weir
