// A folder of uploaded executables: "<uuid>_<name>" each.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "weir/base/file/file_system.h"
#include "weir/base/status.h"
#include "weir/jobmanager/rest/jar_service.h"

namespace weir {

class Random;

struct JarStoreOptions {
  FileSystem* files = nullptr;
  Random* random = nullptr;
  std::string folder;
  uint64_t most_bytes = 0;  // of one file
};

// Threads: any. What is uploaded at the same time does not meet: every file has an id of its own.
class JarStore {
 public:
  // Makes the folder; removes what interrupted uploads have left.
  static StatusOr<std::unique_ptr<JarStore>> Open(JarStoreOptions options);

  // The bytes go to disk as they come.
  StatusOr<std::unique_ptr<JarUpload>> Begin(const std::string& name);
  StatusOr<std::vector<JarInfo>> List();
  // kNotFound; ids that are none of this store's are not there, wherever they point.
  StatusOr<std::string> PathOf(const std::string& id);
  Status Delete(const std::string& id);

 private:
  explicit JarStore(JarStoreOptions options) : options_(std::move(options)) {}

  const JarStoreOptions options_;
};

// What a file is called by: the last part of `name`, with what is no letter, digit, '.', '-' or '_' replaced. "program" if nothing is left.
std::string SafeJarName(const std::string& name);
// OK if these first bytes of a file are those of an executable of this machine.
Status CheckExecutable(std::string_view bytes, const std::string& name);

}  // namespace weir
