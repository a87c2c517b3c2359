// Operations that take longer than a request: started with one, asked about with others until they are over.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "weir/base/mutex.h"
#include "weir/base/status.h"
#include "weir/base/unique_function.h"

namespace weir {

// Threads: any. The object may go before an operation ends.
class AsyncOperations {
 public:
  // What has become of one: nothing yet, its result (a path, or nothing to say), or its failure.
  struct Operation {
    bool is_complete = false;
    StatusOr<std::string> result = std::string();
  };

  AsyncOperations();
  // Notes a new operation of that id; what to call with its result. kAlreadyExists: an id is used once.
  StatusOr<UniqueFunction<void(StatusOr<std::string>)>> Begin(const std::string& id);
  std::optional<Operation> Find(const std::string& id) const;

 private:
  struct Known {
    Mutex mutex;
    // All that ever began: a person starts few of them.
    std::map<std::string, Operation> operations WEIR_GUARDED_BY(mutex);
  };
  const std::shared_ptr<Known> known_;
};

}  // namespace weir
