// The REST API and the web UI.
#pragma once

#include "weir/config/config_option.h"

namespace weir {

extern const ConfigOption<std::string> kRestAddress;
extern const ConfigOption<std::string> kRestPort;
extern const ConfigOption<std::string> kRestBindAddress;
extern const ConfigOption<Duration> kWebTimeout;
extern const ConfigOption<Duration> kWebRefreshInterval;
extern const ConfigOption<int> kCheckpointHistory;
extern const ConfigOption<bool> kWebCancel;
extern const ConfigOption<bool> kWebSubmit;
extern const ConfigOption<std::string> kAllowedOrigin;
extern const ConfigOption<MemorySize> kRestMaxContentLength;
extern const ConfigOption<std::string> kWebUploadDir;
extern const ConfigOption<std::string> kRestTokenFile;
extern const ConfigOption<bool> kRestSslEnabled;
extern const ConfigOption<std::string> kRestSslCertificate;
extern const ConfigOption<std::string> kRestSslPrivateKey;

}  // namespace weir
