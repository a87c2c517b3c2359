// Memory and folders of keyed state. (Which backend: checkpoint_options.h.)
#pragma once

#include "weir/config/config_option.h"

namespace weir {

extern const ConfigOption<MemorySize> kManagedMemory;
extern const ConfigOption<double> kManagedMemoryFraction;
extern const ConfigOption<std::vector<std::string>> kRocksDbLocalDirs;
extern const ConfigOption<bool> kLocalBackup;
extern const ConfigOption<std::vector<std::string>> kLocalBackupDirs;
extern const ConfigOption<bool> kLocalRecovery;

}  // namespace weir
