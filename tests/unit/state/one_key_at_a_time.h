// A stateful function with its rows on a backend, one key at a time: for tests of what handles of state promise.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/base/coding.h"
#include "weir/base/hash.h"
#include "weir/functions/state/keyed_state.h"
#include "weir/state/state_backend.h"

namespace weir {

struct KeyedOptions {
  uint64_t rocksdb_cached_rows = 20;
  // So many other keys come before each that `Keyed::At` prepares: more than are cached drive everything out of memory.
  int64_t keys_between = 0;
};

template <class Function>
class Keyed {
 public:
  explicit Keyed(std::string_view backend, KeyedOptions options = {})
      : keys_between_(options.keys_between),
        rows_(NewStateBackend(backend, {.rocksdb_cached_rows = options.rocksdb_cached_rows})
                  .value()
                  ->CreateKeyedRows({.states = function_.keyed_states(), .key_groups = {0, 127}})
                  .value()) {
    function_.BindStates(*rows_);
    function_.key_context().now_ms = 1'000'000;
  }

  // The function with `key` under its handles.
  Function& At(int64_t key) {
    for (int64_t other = 1000; other < 1000 + keys_between_; ++other) Prepare(other);
    Prepare(key);
    return function_;
  }
  void Pass(Duration time) { function_.key_context().now_ms += time.count(); }
  // Until nothing that has expired is left in memory; `pages` is more than there are.
  void CleanUp() {
    rows_->Finish();
    for (int pages = 0; pages < 200; ++pages) rows_->CleanUp(function_.key_context().now_ms);
  }
  uint64_t row_count() {
    rows_->Finish();
    return rows_->row_count();
  }
  // Of large maps.
  uint64_t piece_count() {
    rows_->Finish();
    return rows_->pieces() == nullptr ? 0 : rows_->pieces()->row_count();
  }
  // In canonical form: the rows, and the pieces where the function has maps.
  std::vector<std::string> Write() {
    rows_->Finish();
    std::vector<std::string> written;
    for (KeyedRows* const rows : {rows_.get(), rows_->pieces()}) {
      if (rows == nullptr) continue;
      ByteWriter out;
      rows->Write(0, 127, out);
      written.push_back(std::move(out).Take());
    }
    return written;
  }
  // What `Write` of any backend gave.
  void Read(const std::vector<std::string>& written) {
    for (const std::string& rows : written) {
      ByteReader in(rows, "rows");
      ASSERT_EQ(rows_->Read(in), OkStatus());
    }
  }
  KeyedRows& rows() { return *rows_; }

 private:
  void Prepare(int64_t key) {
    const uint64_t hash = Hash64(static_cast<uint64_t>(key));
    rows_->Prepare({.integers = &key}, &hash, 1, &function_.key_context().row);
  }

  const int64_t keys_between_;
  Function function_;
  std::unique_ptr<KeyedRows> rows_;
};

// What `Write` of any backend gave, on `backend`, read when `passed` has passed.
template <class Function>
std::unique_ptr<Keyed<Function>> Restored(std::string_view backend, const std::vector<std::string>& written,
                                          Duration passed = {}) {
  auto keyed = std::make_unique<Keyed<Function>>(backend);
  keyed->Pass(passed);
  keyed->Read(written);
  return keyed;
}

}  // namespace weir
