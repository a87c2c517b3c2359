// The history server: what `weir-historyserver` runs.
#pragma once

#include <memory>
#include <string>

#include "weir/base/status.h"

namespace weir {

class Configuration;

class HistoryServer {
 public:
  // Has read the archives and listens when it returns. kInvalidArgument: no folder is configured; folders that are not there yet are waited for.
  static StatusOr<std::unique_ptr<HistoryServer>> Start(const Configuration& configuration);
  ~HistoryServer();

  int port() const;

 private:
  struct Parts;
  explicit HistoryServer(std::unique_ptr<Parts> parts);

  const std::unique_ptr<Parts> parts_;
};

}  // namespace weir
