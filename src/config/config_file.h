// Configuration files: conf/config.yaml, with Flink's keys, nested or flat, also mixed.
//
//   taskmanager:                              taskmanager.numberOfTaskSlots: 2
//     numberOfTaskSlots: 2            or
//
// A sequence is a list value. The only code that knows yaml-cpp.
#pragma once

#include <string>
#include <string_view>

#include "weir/base/status.h"
#include "weir/config/configuration.h"

namespace weir {

class FileSystem;

// Reads the values of YAML text. `name` is what messages call the file; every entry's origin is "<name>:<line>".
// Values are not checked: `CheckValues` does that once all layers are known.
StatusOr<Configuration> ParseYaml(std::string_view text, std::string_view name);

// Reads a file. It must exist.
StatusOr<Configuration> LoadYaml(FileSystem& files, const std::string& path);

// Reads the configuration of a folder, as $WEIR_CONF_DIR names it: its config.yaml or, when there is none, its
// flink-conf.yaml. `conf_dir` may be empty: then there is no file and the result is empty. A folder without either
// file is an error, since whoever named it meant it to count.
StatusOr<Configuration> LoadConfigurationFolder(FileSystem& files, const std::string& conf_dir);

// What a process starts with: the folder's file with the command line laid over it, and all values checked. What the
// program sets comes on top of that, and is checked when the job is executed. The caller logs `WarningsFor` the result.
StatusOr<Configuration> LoadLayers(FileSystem& files, const std::string& conf_dir, const Configuration& command_line);

}  // namespace weir
