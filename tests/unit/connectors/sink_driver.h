// Gives rows to a sink's writer, as a task would.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "weir/functions/sink.h"
#include "weir/types/batch_pool.h"
#include "weir/types/batch_type.h"

#include "tests/unit/connectors/source_driver.h"

namespace weir {

template <class S>
std::unique_ptr<SinkWriterBase> OpenWriter(S sink, const RuntimeContext& context) {
  auto writer = TypedSinkFactory<S>(std::move(sink)).CreateWriter(context);
  EXPECT_TRUE(writer.ok()) << writer.status().ToString();
  return std::move(writer).value();
}

// One batch with these rows.
template <class T>
Status WriteRows(SinkWriterBase& writer, const std::vector<T>& rows) {
  BatchPoolHandle pool(&BatchTypeOf<T>());
  BatchBase* const batch = pool->Get();
  for (const T& row : rows) AsBatch<T>(*batch).Append() = row;
  Status status = writer.WriteBatch(*batch);
  Recycle(batch);
  return status;
}

// Base names of what is in a folder, hidden files included.
inline std::vector<std::string> NamesIn(FileSystem& files, const std::string& folder) {
  std::vector<std::string> names;
  auto found = files.List(folder);
  EXPECT_TRUE(found.ok()) << found.status().ToString();
  for (const FileInfo& info : found.value()) names.push_back(info.path.substr(info.path.rfind('/') + 1));
  return names;
}

}  // namespace weir
