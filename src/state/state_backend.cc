#include "weir/state/state_backend.h"

#include <string>
#include <utility>

#include "weir/state/heap/heap_keyed_rows.h"

namespace weir {

namespace {

Status CheckKeyGroups(const KeyedRowsOptions& options) {
  const int64_t first = options.key_groups.first;
  const int64_t last = options.key_groups.last;
  const int64_t max_parallelism = options.max_parallelism;
  if (0 <= first && first <= last && last < max_parallelism && max_parallelism <= kMaxMaxParallelism) return OkStatus();
  return InvalidArgumentError("key groups " + std::to_string(first) + " to " + std::to_string(last) +
                              " with max parallelism " + std::to_string(max_parallelism) +
                              "; expected a range below the max parallelism, which is at most " +
                              std::to_string(kMaxMaxParallelism));
}

class HeapBackend final : public StateBackend {
 public:
  std::string_view name() const override { return "hashmap"; }
  StatusOr<std::unique_ptr<KeyedRows>> CreateKeyedRows(const KeyedRowsOptions& options) override {
    WEIR_RETURN_IF_ERROR(CheckKeyGroups(options));
    return NewHeapKeyedRows({.states = options.states,
                             .layout = {},
                             .key_form = options.key_form,
                             .key_groups = options.key_groups,
                             .max_parallelism = options.max_parallelism});
  }
};

}  // namespace

StatusOr<std::unique_ptr<StateBackend>> NewStateBackend(std::string_view name) {
  if (name == "hashmap") return std::unique_ptr<StateBackend>(std::make_unique<HeapBackend>());
  return InvalidArgumentError("state.backend.type is \"" + std::string(name) +
                              "\"; expected \"hashmap\", which is the default");
}

}  // namespace weir
