#include "tests/unit/state/storage/snapshot_fixture.h"

#include "weir/base/check.h"
#include "weir/types/schema/schema.h"

namespace weir {
namespace {

OperatorSnapshot Counter(const std::string& directory) {
  OperatorSnapshot counter{
      .id = TestOperator(2),
      .uid = "count",
      .name = "Count",
      .parallelism = 2,
      .max_parallelism = 4,
      .key_schema = Schema(TypeKind::kString).Encode(),
      .states = {
          {.name = "count", .kind = StateKind::kValue, .schema = Schema(TypeKind::kInt64).Encode(), .ttl_ms = 1000}}};
  const StateFile rows{.path = directory + "/a-7-0", .length = 100, .checksum = 5};
  const StateFile table{.path = directory + "/../shared/b-6-0",
                        .scope = StateScope::kShared,
                        .form = StateFileForm::kRaw,
                        .length = 300,
                        .checksum = 6};
  counter.subtasks.push_back({.operator_id = counter.id,
                              .subtask_index = 0,
                              .key_groups = {0, 1},
                              .keyed = {{.key_groups = {0, 1},
                                         .format = kCanonicalKeyedFormat,
                                         .state = {.file = rows, .offset = 10, .length = 90}}}});
  counter.subtasks.push_back(
      {.operator_id = counter.id,
       .subtask_index = 1,
       .key_groups = {2, 3},
       .keyed = {{.key_groups = {2, 3},
                  .format = "rocksdb",
                  .state = StreamStateHandle::Inline("manifest"),
                  .files = {{.name = "000012.sst", .file = table}}}},
       .lists = {{.name = "rules",
                  .redistribution = Redistribution::kBroadcast,
                  .schema = Schema(TypeKind::kString).Encode(),
                  .elements = {.file = rows, .offset = 0, .length = 10},
                  .first = 0,
                  .count = 1}},
       .channels = {{.is_output = true, .gate = 0, .channel = 3, .batches = StreamStateHandle::Inline("batch")}}});
  return counter;
}

}  // namespace

CheckpointMetadata TestMetadata(const std::string& directory) {
  OperatorSnapshot source{.id = TestOperator(1),
                          .name = "Source: lines",
                          .coordinator = StreamStateHandle::Inline("left"),
                          .has_coordinator = true};
  source.subtasks.push_back({.operator_id = source.id,
                             .is_finished = true,
                             .lists = {{.name = "splits", .elements = StreamStateHandle::Inline("s"), .count = 1}}});
  return {.id = CheckpointId(7),
          .job_id = TestJob(),
          .job_name = "flights",
          .time_ms = 1234,
          .kind = SnapshotKind::kCheckpoint,
          .format = SnapshotFormat::kNative,
          .properties = {{"unaligned", "true"}},
          .operators = {source, Counter(directory)}};
}

CheckpointMetadata MetadataOf(CheckpointId id, const StreamStateHandle& rows, const std::vector<StateFile>& shared) {
  OperatorSnapshot op{.id = TestOperator(1), .uid = "count"};
  KeyedStateHandle keyed{.key_groups = {0, 127}, .format = "hashmap", .state = rows};
  for (const StateFile& file : shared) keyed.files.push_back({.name = file.path, .file = file});
  op.subtasks.push_back({.operator_id = op.id, .key_groups = {0, 127}, .keyed = {keyed}});
  return {.id = id, .job_id = TestJob(), .job_name = "flights", .time_ms = id.value() * 1000, .operators = {op}};
}

std::vector<std::string> Tree(FileSystem& files, const std::string& directory) {
  std::vector<std::string> paths;
  const StatusOr<std::vector<FileInfo>> entries = files.List(directory);
  if (!entries.ok()) return paths;
  for (const FileInfo& entry : *entries) {
    const std::string name = entry.path.substr(directory.size() + 1);
    paths.push_back(entry.IsDirectory() ? name + "/" : name);
    if (!entry.IsDirectory()) continue;
    for (const std::string& below : Tree(files, entry.path)) paths.push_back(name + "/" + below);
  }
  return paths;
}

StreamStateHandle WrittenFile(FileSystem& files, const std::string& path, std::string_view content, StateScope scope) {
  StatusOr<std::unique_ptr<StateFileWriter>> writer = StateFileWriter::Create(files, path, scope);
  WEIR_CHECK_OK(writer);
  WEIR_CHECK_OK((*writer)->Append(content));
  StatusOr<StateFile> file = (*writer)->Finish();
  WEIR_CHECK_OK(file);
  return {.file = *file, .length = content.size()};
}

}  // namespace weir
