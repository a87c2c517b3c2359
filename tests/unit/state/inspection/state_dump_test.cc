// What `weir state dump` and `diff` make of strings in tables, and of maps and lists that lie in pieces.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "weir/base/file/in_memory_file_system.h"
#include "weir/base/hash.h"
#include "weir/functions/state/keyed_state.h"
#include "weir/state/inspection/state_inspection.h"
#include "weir/state/state_backend.h"
#include "weir/state/storage/operator_state_files.h"

#include "tests/harness/status_matchers.h"

namespace weir {
namespace {

struct Notes : StatefulFunction {
  ValueState<std::string> note{this, "note"};
  MapState<int64_t, std::string> map{this, "map"};
  ListState<int64_t> list{this, "list"};
};

struct Snapshot {
  Snapshot() {
    rows =
        NewStateBackend("hashmap")
            .value()
            ->CreateKeyedRows({.states = function.keyed_states(), .key_form = KeyForm::kBytes, .key_groups = {0, 127}})
            .value();
    function.BindStates(*rows);
  }
  Notes& At(std::string_view key) {
    const uint64_t hash = HashBytes(key);
    rows->Prepare({.bytes = &key}, &hash, 1, &function.key_context().row);
    return function;
  }
  CompletedSnapshot Write(InMemoryFileSystem& files) {
    rows->Finish();
    OperatorStateParts parts;
    for (KeyedRows* const each : {rows.get(), rows->pieces()}) {
      if (each == nullptr) continue;
      ByteWriter bytes;
      each->Write(0, 127, bytes);
      parts.keyed.emplace_back(bytes.bytes());
    }
    SnapshotWriter writer(files, {.id = CheckpointId(3), .directory = "/sp"}, "a");
    OperatorSnapshot op{.id = OperatorId(Id128{1, 2}), .uid = "notes", .name = "Notes"};
    op.key_schema = Schema(TypeKind::kString).Encode();
    for (const StateDeclaration& state : function.keyed_states())
      op.states.push_back({.name = state.name, .kind = state.kind, .schema = state.ops->schema().Encode()});
    op.subtasks = {WriteOperatorState(writer, op.id, 0, {0, 127}, parts).value()};
    CheckpointMetadata metadata{.id = CheckpointId(3), .job_name = "notes", .kind = SnapshotKind::kSavepoint};
    metadata.operators = {op};
    return {.metadata = metadata, .directory = "/sp"};
  }

  Notes function;
  std::unique_ptr<KeyedRows> rows;
};

struct StateDump : ::testing::Test {
  TextSink Into() {
    return [this](std::string_view piece) {
      text += piece;
      return OkStatus();
    };
  }
  std::string Dump(Snapshot& snapshot, const StateFilter& filter, StateTextForm form) {
    text.clear();
    EXPECT_OK(DumpStates(files, snapshot.Write(files), filter, form, Into()));
    return text;
  }

  InMemoryFileSystem files;
  Snapshot one;
  std::string text;
};

TEST_F(StateDump, ShowsStringsInTablesAsTheyAre) {
  one.At("plain").note.Update("two words");
  EXPECT_EQ(Dump(one, {}, StateTextForm::kCsv), "operator,state,key,value\nnotes,note,plain,two words\n");
  one.At("plain").note.Clear();
  one.At("a,\"b\"").note.Update("back\\slash, \"quotes\"\nand\tmore\r\x01");
  EXPECT_EQ(Dump(one, {}, StateTextForm::kCsv),
            "operator,state,key,value\n"
            "notes,note,\"a,\"\"b\"\"\",\"back\\slash, \"\"quotes\"\"\nand\tmore\r\x01\"\n");
}

TEST_F(StateDump, MayBeAskedForTimersWhichTheMetadataDoesNotName) {
  one.At("k").note.Update("n");
  EXPECT_EQ(Dump(one, {.state = "weir.timers"}, StateTextForm::kJson), "");  // it has none
}

TEST_F(StateDump, ShowsStringsThatDifferInTablesAsTheyAre) {
  one.At("k").note.Update("a, b");
  Snapshot other;
  other.At("k").note.Update("c");
  EXPECT_EQ(DiffStates(files, one.Write(files), other.Write(files), {}, StateTextForm::kCsv, Into()).value(), 1u);
  EXPECT_EQ(text, "change,operator,state,key,before,after\nchanged,notes,note,k,\"a, b\",c\n");
}

TEST_F(StateDump, ShowsMapsInPiecesAsOneValue) {
  for (int64_t i = 0; i < 900; ++i) one.At("large").map.Put(i, std::to_string(i));
  one.At("large").note.Update("n");
  one.At("small").map.Put(1, "one");
  ASSERT_NE(one.rows->pieces(), nullptr);
  EXPECT_EQ(Dump(one, {.key = "small"}, StateTextForm::kJson),
            "{\"operator\":\"notes\",\"state\":\"map\",\"key\":\"small\",\"value\":[{\"key\":1,\"value\":\"one\"}]}\n");
  const std::string large = Dump(one, {.state = "map", .key = "large"}, StateTextForm::kJson);
  EXPECT_EQ(std::count(large.begin(), large.end(), '\n'), 1);
  for (int64_t i = 0; i < 900; ++i) {
    const std::string entry = "{\"key\":" + std::to_string(i) + ",\"value\":\"" + std::to_string(i) + "\"}";
    EXPECT_NE(large.find(entry), large.npos) << entry;
  }
  Snapshot other;
  for (int64_t i = 0; i < 900; ++i) other.At("large").map.Put(i, std::to_string(i));
  other.At("large").note.Update("n");
  EXPECT_EQ(DiffStates(files, one.Write(files), other.Write(files), {}, StateTextForm::kJson, Into()).value(), 1u);
}

TEST_F(StateDump, ShowsListsInPiecesAsOneValue) {
  std::string all;
  for (int64_t i = 0; i < 900; ++i) {
    one.At("large").list.Add(i);
    all += (i == 0 ? "" : ",") + std::to_string(i);
  }
  one.At("small").list.Add(1);
  ASSERT_NE(one.rows->pieces(), nullptr);
  EXPECT_EQ(Dump(one, {.key = "small"}, StateTextForm::kJson),
            "{\"operator\":\"notes\",\"state\":\"list\",\"key\":\"small\",\"value\":[1]}\n");
  EXPECT_EQ(Dump(one, {.state = "list", .key = "large"}, StateTextForm::kJson),
            "{\"operator\":\"notes\",\"state\":\"list\",\"key\":\"large\",\"value\":[" + all + "]}\n");
}

}  // namespace
}  // namespace weir
