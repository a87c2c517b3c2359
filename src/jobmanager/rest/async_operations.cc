#include "weir/jobmanager/rest/async_operations.h"

#include <utility>

namespace weir {

AsyncOperations::AsyncOperations() : known_(std::make_shared<Known>()) {}

StatusOr<UniqueFunction<void(StatusOr<std::string>)>> AsyncOperations::Begin(const std::string& id) {
  MutexLock lock(known_->mutex);
  if (!known_->operations.emplace(id, Operation()).second) {
    return AlreadyExistsError("the trigger id " + id + " was used before");
  }
  return UniqueFunction<void(StatusOr<std::string>)>([known = known_, id](StatusOr<std::string> result) {
    MutexLock inner(known->mutex);
    known->operations[id] = {.is_complete = true, .result = std::move(result)};
  });
}

std::optional<AsyncOperations::Operation> AsyncOperations::Find(const std::string& id) const {
  MutexLock lock(known_->mutex);
  const auto found = known_->operations.find(id);
  if (found == known_->operations.end()) return std::nullopt;
  return found->second;
}

}  // namespace weir
