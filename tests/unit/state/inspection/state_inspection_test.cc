#include "weir/state/inspection/state_inspection.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "weir/base/coding.h"
#include "weir/base/file/in_memory_file_system.h"
#include "weir/functions/state/keyed_state.h"
#include "weir/state/inspection/value_json.h"
#include "weir/state/state_backend.h"
#include "weir/state/storage/operator_state_files.h"

#include "tests/harness/status_matchers.h"

namespace weir {
namespace {

struct Visit {
  int32_t n = 0;
  std::optional<std::string> note;
};

struct Visits : StatefulFunction {
  ValueState<Visit> last{this, "last"};
  ListState<int64_t> times{this, "times"};
};

// A savepoint of one operator, "count", with keys that are airports.
struct Savepoint {
  Savepoint() {
    KeyedRowsOptions options{.states = function.keyed_states(), .key_form = KeyForm::kBytes, .key_groups = {0, 3}};
    options.max_parallelism = 4;
    rows = NewStateBackend("hashmap").value()->CreateKeyedRows(options).value();
    function.BindStates(*rows);
  }
  Visits& At(std::string_view key) {
    const uint64_t hash = HashBytes(key);
    rows->Prepare({.bytes = &key}, &hash, 1, &function.key_context().row);
    return function;
  }
  CompletedSnapshot Write(InMemoryFileSystem& files) {
    rows->Finish();
    ByteWriter bytes;
    rows->Write(0, 3, bytes);
    OperatorStateParts parts{.keyed = {std::string(bytes.bytes())}, .lists = lists};
    SnapshotWriter writer(files, {.id = CheckpointId(3), .directory = "/sp"}, "a");
    OperatorSnapshot op{.id = OperatorId(Id128{1, 2}), .uid = "count", .name = "Count", .max_parallelism = 4};
    op.key_schema = Schema(TypeKind::kString).Encode();
    for (const StateDeclaration& state : function.keyed_states())
      op.states.push_back({.name = state.name, .kind = state.kind, .schema = state.ops->schema().Encode()});
    op.subtasks = {WriteOperatorState(writer, op.id, 0, {0, 3}, parts).value()};
    CheckpointMetadata metadata{.id = CheckpointId(3), .job_name = "flights", .kind = SnapshotKind::kSavepoint};
    metadata.operators = {op};
    return {.metadata = metadata, .directory = "/sp"};
  }

  Visits function;
  std::unique_ptr<KeyedRows> rows;
  std::vector<ListStateParts> lists;
};

struct Inspection : ::testing::Test {
  Inspection() {
    one.At("ZRH").last.Update({1, "x\"y"});
    one.At("OSL").times.Add(7);
    one.lists = {
        {.name = "offsets", .schema = Schema(TypeKind::kInt16).Encode(), .elements = {"\x01\x02", "\x03\x04"}}};
  }
  static TextSink Into(std::string& text) {
    return [&text](std::string_view piece) {
      text += piece;
      return OkStatus();
    };
  }
  std::string Dump(const StateFilter& filter, StateTextForm form = StateTextForm::kJson) {
    std::string text;
    status = DumpStates(files, one.Write(files), filter, form, Into(text));
    return text;
  }

  InMemoryFileSystem files;
  Savepoint one;
  Status status;
};

TEST_F(Inspection, ListsOperatorsStatesSchemasAndSizes) {
  EXPECT_EQ(ListStates(one.Write(files), StateTextForm::kCsv),
            "operator,parallelism,state,kind,schema,elements,bytes\n"
            "count,1/4,,\"keyed rows, canonical\",string,,207\n"
            "count,1/4,last,value,\"Visit{n: int32, note: optional<string>}\",,\n"
            "count,1/4,times,list,list<int64>,,\n"
            "count,1/4,offsets,split list,int16,2,16\n");
  EXPECT_TRUE(ListStates(one.Write(files), StateTextForm::kTable)
                  .starts_with("savepoint 3 of job \"flights\" (00000000000000000000000000000000), native, 223 bytes"))
      << ListStates(one.Write(files), StateTextForm::kTable);
}

TEST_F(Inspection, DumpsEveryKeyAndElement) {
  const std::string text = Dump({});
  EXPECT_NE(text.find(R"({"operator":"count","state":"last","key":"ZRH","value":{"n":1,"note":"x\"y"}})"), text.npos)
      << text;
  EXPECT_NE(text.find(R"({"operator":"count","state":"times","key":"OSL","value":[7]})"), text.npos) << text;
  EXPECT_NE(text.find(R"({"operator":"count","state":"offsets","value":513})"), text.npos) << text;
}

TEST_F(Inspection, FindsAKeyByItsTextWhateverIsInIt) {
  one.At("a \"b\"\n").times.Add(8);
  const std::string line = R"({"operator":"count","state":"times","key":"a \"b\"\n","value":[8]})"
                           "\n";
  EXPECT_EQ(Dump({.key = "a \"b\"\n"}), line);
  EXPECT_EQ(Dump({.key = R"("a \"b\"\n")"}), line) << "as it is shown";
}

TEST_F(Inspection, DumpsWhatTheFilterNames) {
  EXPECT_EQ(Dump({.key = "OSL"}), "{\"operator\":\"count\",\"state\":\"times\",\"key\":\"OSL\",\"value\":[7]}\n");
  EXPECT_EQ(Dump({.op = "count", .state = "last"}, StateTextForm::kCsv),
            "operator,state,key,value\ncount,last,ZRH,\"{\"\"n\"\":1,\"\"note\"\":\"\"x\\\"\"y\"\"}\"\n");
  EXPECT_EQ(Dump({.key = "nobody"}), "");
  EXPECT_TRUE(IsOk(status));
  Dump({.op = "sum"});
  EXPECT_TRUE(IsError(status, StatusCode::kNotFound, "no operator with the uid, name or id \"sum\""));
  Dump({.state = "sum"});
  EXPECT_TRUE(IsError(status, StatusCode::kNotFound, "no state \"sum\""));
}

TEST_F(Inspection, ShowsWhatDiffers) {
  Savepoint other;
  other.At("ZRH").last.Update({2, std::nullopt});
  other.At("FRA").times.Add(1);
  other.lists = one.lists;
  other.lists[0].elements.pop_back();
  std::string text;
  const StatusOr<uint64_t> lines =
      DiffStates(files, one.Write(files), other.Write(files), {}, StateTextForm::kJson, Into(text));
  ASSERT_OK(lines);
  EXPECT_EQ(*lines, 4u) << text;
  EXPECT_NE(text.find(R"({"change":"changed","operator":"count","state":"last","key":"ZRH","before":{"n":1,)"),
            text.npos);
  EXPECT_NE(text.find(R"({"change":"added","operator":"count","state":"times","key":"FRA","after":[1]})"), text.npos);
  EXPECT_NE(text.find(R"({"change":"removed","operator":"count","state":"times","key":"OSL","before":[7]})"),
            text.npos);
  EXPECT_NE(text.find(R"({"change":"removed","operator":"count","state":"offsets","before":1027})"), text.npos);
  EXPECT_EQ(DiffStates(files, one.Write(files), one.Write(files), {}, StateTextForm::kCsv, Into(text)).value(), 0u);
}

TEST_F(Inspection, NamesTheBackendWhoseOwnFormItCannotShow) {
  CompletedSnapshot snapshot = one.Write(files);
  snapshot.metadata.operators[0].subtasks[0].keyed[0].format = "abacus";
  std::string text;
  EXPECT_TRUE(IsError(DumpStates(files, snapshot, {}, StateTextForm::kCsv, Into(text)), StatusCode::kFailedPrecondition,
                      "is in the form \"abacus\", which this build does not know"));
}

struct Everything {
  bool b = true;
  uint8_t u = 200;
  float f = 0.5F;
  std::variant<int32_t, std::string> v = "s";
  std::map<std::string, int16_t> m = {{"k", -1}};
  std::pair<int8_t, int8_t> p = {1, 2};
  std::array<uint16_t, 2> a = {3, 4};
  std::optional<int64_t> none;
};

TEST(ValueJson, ShowsEveryKindOfValue) {
  EXPECT_EQ(ValueJson(SchemaOf<Everything>(), EncodeToString(Everything())),
            R"({"b":true,"u":200,"f":0.5,"v":"s","m":[{"key":"k","value":-1}],"p":[1,2],"a":[3,4],"none":null})");
}

TEST(ValueJson, ShowsBytesThatDoNotFitAsHex) {
  EXPECT_EQ(ValueJson(Schema(TypeKind::kInt32), "\x01\x02"), R"({"hex":"0102"})");
  EXPECT_EQ(ValueJson(Schema::Custom("money", 1), "\xff"), R"({"hex":"ff"})");
}

TEST(ValueJson, ShowsTimersInTheOrderOfTheirTimes) {
  ByteWriter timers;
  timers.PutU32(2);
  timers.PutU32(1);
  for (const int64_t time : {30, 20, 5}) timers.PutI64(time);
  const Schema schema = Schema::Custom("weir.timers", 1);
  EXPECT_EQ(ValueJson(schema, timers.bytes()), R"({"event_time":[20,30],"processing_time":[5]})");
  EXPECT_EQ(ValueJson(schema, timers.bytes().substr(0, 9)), R"({"hex":"02000000010000001e"})");
}

TEST(ValueJson, ShowsKeysByTheirSchema) {
  EXPECT_EQ(KeyJson(Schema(TypeKind::kInt64), KeyForm::kInteger, {.integer = -5, .bytes = {}}), "-5");
  EXPECT_EQ(KeyJson(Schema(TypeKind::kBool), KeyForm::kInteger, {.integer = 1, .bytes = {}}), "true");
  EXPECT_EQ(KeyJson(Schema(TypeKind::kString), KeyForm::kBytes, {.bytes = "ZRH"}), "\"ZRH\"");
  const Schema pair(TypeKind::kTuple, {Schema(TypeKind::kInt8), Schema(TypeKind::kString)});
  EXPECT_EQ(KeyJson(pair, KeyForm::kBytes, {.bytes = EncodeToString(std::pair<int8_t, std::string>(1, "a"))}),
            R"([1,"a"])");
}

}  // namespace
}  // namespace weir
