// Savepoints of every released format version, as they were written then: today's readers must understand them for ever.
//
// A new version gets a folder of its own beside these, which is never changed: what WriteFixture writes at the version that introduces it.
#include <gtest/gtest.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "weir/base/coding.h"
#include "weir/base/file/file_system.h"
#include "weir/base/hash.h"
#include "weir/functions/state/keyed_state.h"
#include "weir/state/inspection/state_command.h"
#include "weir/state/state_backend.h"
#include "weir/state/storage/operator_state_files.h"

#include "tests/harness/status_matchers.h"

namespace weir {
namespace {

constexpr char kFolder[] = "tests/formats/savepoint_v1";

struct Visit {
  int32_t n = 0;
  std::string page;
};
struct Visits : StatefulFunction {
  ValueState<Visit> last{this, "last", Ttl(Duration(1000))};
  ListState<int64_t> times{this, "times"};
  MapState<std::string, double> scores{this, "scores"};
};

// What every fixture holds: two keys with state, a split list and a broadcast state.
std::unique_ptr<KeyedRows> NewRows(Visits& function) {
  KeyedRowsOptions options{.states = function.keyed_states(), .key_form = KeyForm::kBytes, .key_groups = {0, 3}};
  options.max_parallelism = 4;
  std::unique_ptr<KeyedRows> rows = NewStateBackend("hashmap").value()->CreateKeyedRows(options).value();
  function.BindStates(*rows);
  return rows;
}

void At(KeyedRows& rows, Visits& function, std::string_view key) {
  const uint64_t hash = HashBytes(key);
  rows.Prepare({.bytes = &key}, &hash, 1, &function.key_context().row);
}

OperatorSnapshot Operator(const Visits& function) {
  OperatorSnapshot op{.id = OperatorId(Id128{1, 2}), .uid = "visits", .name = "Visits", .max_parallelism = 4};
  op.key_schema = Schema(TypeKind::kString).Encode();
  for (const StateDeclaration& state : function.keyed_states())
    op.states.push_back({.name = state.name, .kind = state.kind, .schema = state.ops->schema().Encode()});
  return op;
}

// Writes the fixture as this version does: what `kFolder` holds was written so when the version was new.
void WriteFixture(FileSystem& files, const std::string& folder) {
  ASSERT_OK(files.CreateDirectories(folder));
  Visits function;
  const std::unique_ptr<KeyedRows> rows = NewRows(function);
  function.key_context().now_ms = 77;
  At(*rows, function, "ada");
  function.last.Update({3, "home"});
  function.times.Add(-1);
  function.times.Add(1);
  At(*rows, function, "bob");
  function.scores.Put("chess", 0.5);
  rows->Finish();
  ByteWriter bytes;
  rows->Write(0, 3, bytes);
  const OperatorStateParts parts{
      .keyed = {std::string(bytes.bytes())},
      .lists = {{.name = "offsets", .schema = Schema(TypeKind::kInt64).Encode(), .elements = {EncodeToString(5L)}},
                {.name = "rules",
                 .redistribution = Redistribution::kBroadcast,
                 .schema = Schema(TypeKind::kMap, {Schema(TypeKind::kInt32), Schema(TypeKind::kString)}).Encode(),
                 .elements = {EncodeToString(std::pair<int32_t, std::string>(1, "stop"))}}}};
  SnapshotWriter writer(files, {.id = CheckpointId(7), .directory = folder, .max_inline_bytes = 64}, "fixture");
  OperatorSnapshot op = Operator(function);
  op.subtasks = {WriteOperatorState(writer, op.id, 0, {0, 3}, parts).value()};
  ASSERT_OK(writer.Commit());
  CheckpointMetadata metadata{.id = CheckpointId(7),
                              .job_name = "fixture",
                              .time_ms = 1000,
                              .kind = SnapshotKind::kSavepoint,
                              .format = SnapshotFormat::kCanonical};
  metadata.operators = {op};
  auto storage = CheckpointStorage::Of(files, JobId(), {.in_memory = true}).value();
  ASSERT_EQ(storage.Finalize({.directory = folder}, metadata).write, MetadataWrite::kWritten);
}

void ExpectFixtureIn(FileSystem& files, const std::string& folder) {
  const StatusOr<CompletedSnapshot> snapshot = LoadSnapshot(files, folder, SnapshotCheck::kContents);
  ASSERT_OK(snapshot);
  Visits function;
  EXPECT_EQ(snapshot->metadata.operators[0].states, Operator(function).states) << "the schemas are those of today";
  const StatusOr<OperatorStateParts> parts = ReadOperatorState(files, snapshot->metadata.operators[0].subtasks[0]);
  ASSERT_OK(parts);
  const std::unique_ptr<KeyedRows> rows = NewRows(function);
  ByteReader in(parts->keyed[0], "rows");
  ASSERT_OK(rows->Read(in));
  function.key_context().now_ms = 77;
  At(*rows, function, "ada");
  EXPECT_EQ(function.last.Get()->n, 3);
  EXPECT_EQ(function.last.Get()->page, "home");
  EXPECT_EQ(function.times.Get()[0], -1);
  At(*rows, function, "bob");
  EXPECT_EQ(*function.scores.Get("chess"), 0.5);
  EXPECT_EQ(parts->lists[0].elements, std::vector<std::string>{EncodeToString(5L)});
}

TEST(SavepointFixture, OfVersion1IsRead) {
  LocalFileSystem files;
  ExpectFixtureIn(files, kFolder);
}

TEST(SavepointFixture, OfTodaysVersionIsRead) {
  LocalFileSystem files;
  const std::string folder = testing::TempDir() + "/savepoint_of_today-" + std::to_string(getpid());
  WriteFixture(files, folder);
  ExpectFixtureIn(files, folder);
  EXPECT_OK(files.DeleteRecursively(folder));
}

// With a field more and a number wider than when the fixture was written.
struct LaterVisit {
  std::string page;
  int64_t n = 0;
  bool seen = true;
};
struct LaterVisits : StatefulFunction {
  ValueState<LaterVisit> last{this, "last", Ttl(Duration(1000))};
};

TEST(SavepointFixture, OfVersion1IsReadByAProgramWhoseTypesHaveChanged) {
  LocalFileSystem files;
  const StatusOr<CompletedSnapshot> snapshot = LoadSnapshot(files, kFolder, SnapshotCheck::kMetadata);
  ASSERT_OK(snapshot);
  const auto parts = ReadOperatorState(files, snapshot->metadata.operators[0].subtasks[0]);
  ASSERT_OK(parts);
  LaterVisits function;
  KeyedRowsOptions options{.states = function.keyed_states(), .key_form = KeyForm::kBytes, .key_groups = {0, 3}};
  options.max_parallelism = 4;
  const auto rows = NewStateBackend("hashmap").value()->CreateKeyedRows(options).value();
  function.BindStates(*rows);
  ByteReader in(parts->keyed[0], "rows");
  ASSERT_OK(rows->Read(in));
  function.key_context().now_ms = 77;
  const std::string_view key = "ada";
  const uint64_t hash = HashBytes(key);
  rows->Prepare({.bytes = &key}, &hash, 1, &function.key_context().row);
  EXPECT_EQ(function.last.Get()->n, 3);
  EXPECT_EQ(function.last.Get()->page, "home");
  EXPECT_TRUE(function.last.Get()->seen);
}

TEST(SavepointFixture, OfVersion1IsShownByWeirState) {
  LocalFileSystem files;
  std::string text;
  const auto into = [&text](std::string_view piece) {
    text += piece;
    return OkStatus();
  };
  EXPECT_EQ(RunStateCommand(files, {"dump", kFolder, "--key", "bob"}, into, into), kStateDone);
  EXPECT_EQ(
      text,
      "{\"operator\":\"visits\",\"state\":\"scores\",\"key\":\"bob\",\"value\":[{\"key\":\"chess\",\"value\":0.5}]}\n");
  text.clear();
  EXPECT_EQ(RunStateCommand(files, {"diff", kFolder, kFolder}, into, into), kStateDone);
  EXPECT_EQ(text, "");
}

}  // namespace
}  // namespace weir
