#include "weir/state/state_backend.h"

#include <string>
#include <utility>

#include "weir/state/heap/heap_keyed_rows.h"
#include "weir/state/rocksdb/rocksdb_keyed_rows.h"
#include "weir/state/rocksdb/rocksdb_resources.h"

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

KeyedRowsShape ShapeOf(const KeyedRowsOptions& options) {
  return {.states = options.states,
          .layout = {},
          .key_form = options.key_form,
          .key_groups = options.key_groups,
          .max_parallelism = options.max_parallelism};
}

class HeapBackend final : public StateBackend {
 public:
  explicit HeapBackend(uint64_t memory_bytes) : memory_(std::make_shared<HeapMemory>(memory_bytes)) {}

  std::string_view name() const override { return "hashmap"; }
  StatusOr<std::unique_ptr<KeyedRows>> CreateKeyedRows(const KeyedRowsOptions& options) override {
    WEIR_RETURN_IF_ERROR(CheckKeyGroups(options));
    return NewHeapKeyedRows(ShapeOf(options), memory_);
  }
  Status TakeBeside(int64_t more) override {
    if (more >= 0) return memory_->TryTake(static_cast<uint64_t>(more));
    memory_->Give(static_cast<uint64_t>(-more));
    return OkStatus();
  }

 private:
  const std::shared_ptr<HeapMemory> memory_;
};

class RocksDbBackend final : public StateBackend {
 public:
  explicit RocksDbBackend(std::shared_ptr<RocksDbResources> resources) : resources_(std::move(resources)) {}

  std::string_view name() const override { return "rocksdb"; }
  StatusOr<std::unique_ptr<KeyedRows>> CreateKeyedRows(const KeyedRowsOptions& options) override {
    WEIR_RETURN_IF_ERROR(CheckKeyGroups(options));
    return NewRocksDbKeyedRows(ShapeOf(options), resources_);
  }
  Status TakeBeside(int64_t more) override { return resources_->TakeBeside(more); }

 private:
  const std::shared_ptr<RocksDbResources> resources_;
};

}  // namespace

StatusOr<std::unique_ptr<StateBackend>> NewStateBackend(std::string_view name, const StateBackendOptions& options) {
  if (name == "hashmap") return std::unique_ptr<StateBackend>(std::make_unique<HeapBackend>(options.heap_memory_bytes));
  if (name == "rocksdb") {
    WEIR_ASSIGN_OR_RETURN(std::shared_ptr<RocksDbResources> resources,
                          RocksDbResources::New({.directories = options.rocksdb_directories,
                                                 .memory_bytes = options.rocksdb_memory_bytes,
                                                 .most_cached_rows = options.rocksdb_cached_rows}));
    return std::unique_ptr<StateBackend>(std::make_unique<RocksDbBackend>(std::move(resources)));
  }
  return InvalidArgumentError("state.backend.type is \"" + std::string(name) +
                              "\"; expected \"hashmap\", which is the default, or \"rocksdb\"");
}

Status ConvertNativeState(std::string_view backend, OperatorStateParts& state) {
  std::vector<NativeKeyedState> kept;
  for (NativeKeyedState& native : state.native) {
    // Every backend reads a heap's rows.
    if (native.format == backend || native.format == "heap") {
      kept.push_back(std::move(native));
    } else if (native.format == "rocksdb") {
      WEIR_RETURN_IF_ERROR(ReadRocksDbState(native, [&](std::string_view rows) {
        state.keyed.emplace_back(rows);
        return OkStatus();
      }));
    } else {
      return FailedPreconditionError(
          "keyed state is in the form \"" + native.format +
          "\", which this build does not know; use a newer one, or take a canonical savepoint");
    }
  }
  state.native = std::move(kept);
  return OkStatus();
}

}  // namespace weir
