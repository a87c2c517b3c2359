#include "weir/state/restore/restore_check.h"

#include <gtest/gtest.h>

#include <string>

#include "weir/types/schema/schema.h"

#include "tests/harness/status_matchers.h"

namespace weir {
namespace {

std::string Of(TypeKind kind) { return Schema(kind).Encode(); }
OperatorId Id(uint64_t number) { return OperatorId(Id128{number, number}); }

std::string Flight(TypeKind delay, bool with_gate) {
  std::vector<SchemaField> fields = {{1, "id", Schema(TypeKind::kInt64)}, {2, "delay", Schema(delay)}};
  if (with_gate) fields.push_back({3, "gate", Schema(TypeKind::kString)});
  return Schema::Record("Flight", fields).Encode();
}

// A snapshot with one keyed operator, "count per origin", and the job that wrote it.
struct Upgrade : ::testing::Test {
  Upgrade() {
    OperatorSnapshot op{.id = Id(1), .uid = "count", .name = "count per origin", .parallelism = 2};
    op.key_schema = Of(TypeKind::kString);
    op.states = {{.name = "last", .kind = StateKind::kValue, .schema = Flight(TypeKind::kInt32, false)},
                 {.name = "all", .kind = StateKind::kList, .schema = Of(TypeKind::kInt64), .ttl_ms = 10}};
    for (int i = 0; i < 2; ++i) {
      op.subtasks.push_back({.operator_id = op.id, .subtask_index = i});
      op.subtasks.back().keyed = {{.key_groups = {0, 63}, .state = StreamStateHandle::Inline("rows")}};
      op.subtasks.back().lists = {{.name = "rules",
                                   .redistribution = Redistribution::kBroadcast,
                                   .schema = Of(TypeKind::kInt32),
                                   .elements = StreamStateHandle::Inline("x")},
                                  {.name = "splits", .elements = StreamStateHandle::Inline("y")}};
    }
    now = {.id = op.id,
           .uid = op.uid,
           .name = op.name,
           .parallelism = 2,
           .key_schema = op.key_schema,
           .states = op.states,
           .operator_states = {
               {.name = "rules", .redistribution = Redistribution::kBroadcast, .schema = Of(TypeKind::kInt32)}}};
    metadata.operators = {op};
  }
  RestoreCheck Check(bool allows_non_restored = false) { return CheckRestore(metadata, {now}, allows_non_restored); }
  StateCheck State(size_t number) { return Check().operators[0].states[number]; }
  Status Error() { return StatusOf(Check()); }

  CheckpointMetadata metadata;
  OperatorToRestore now;
};

TEST_F(Upgrade, OfNothingIsTheSame) {
  const RestoreCheck check = Check();
  EXPECT_TRUE(check.compatible());
  ASSERT_EQ(check.operators.size(), 1u);
  EXPECT_EQ(check.operators[0].verdict, RestoreVerdict::kSame);
  ASSERT_EQ(check.operators[0].states.size(), 4u) << "the key, two keyed states, the rules; not the splits";
  for (const StateCheck& state : check.operators[0].states) EXPECT_EQ(state.verdict, RestoreVerdict::kSame);
  EXPECT_OK(StatusOf(check));
}

TEST_F(Upgrade, OfAFieldConverts) {
  now.states[0].schema = Flight(TypeKind::kInt64, true);
  EXPECT_EQ(Check().operators[0].verdict, RestoreVerdict::kConverts);
  EXPECT_EQ(State(1).verdict, RestoreVerdict::kConverts);
  EXPECT_EQ(State(1).notes[1], "field \"gate\" is new and gets its default");
  EXPECT_OK(Error());
}

TEST_F(Upgrade, OfAnElementGivesANewFieldItsDefault) {
  metadata.operators[0].states[1].schema =
      Schema(TypeKind::kList, {Schema::Decode(Flight(TypeKind::kInt64, false)).value()}).Encode();
  now.states[1].schema = Schema(TypeKind::kList, {Schema::Decode(Flight(TypeKind::kInt64, true)).value()}).Encode();
  EXPECT_EQ(State(2).verdict, RestoreVerdict::kConverts);
  EXPECT_EQ(State(2).notes[0], "element, field \"gate\" is new and gets its default");
}

TEST_F(Upgrade, NamesOperatorStateFieldAndWhatToDo) {
  now.states[0].schema = Flight(TypeKind::kString, false);
  EXPECT_FALSE(Check().compatible());
  EXPECT_TRUE(IsError(Error(), StatusCode::kFailedPrecondition,
                      "cannot restore operator \"count per origin\" (uid count), state \"last\": field \"delay\" was "
                      "int32 in the savepoint and is now string. Only widening (int32 to int64, float to double) is "
                      "automatic; give the field a new id or convert it in a migration. Nothing was started."));
}

TEST_F(Upgrade, RefusesAnotherKey) {
  now.key_schema = Of(TypeKind::kInt64);
  EXPECT_TRUE(
      IsError(Error(), StatusCode::kFailedPrecondition, "its key was string in the savepoint and is now int64"));
}

TEST_F(Upgrade, RefusesAnotherKindAndANewTimeToLive) {
  now.states[0].kind = StateKind::kReducing;
  EXPECT_TRUE(IsError(Error(), StatusCode::kFailedPrecondition,
                      "it was a value state in the snapshot and is now a reducing state"));
  now.states[0].kind = StateKind::kValue;
  now.states[0].ttl_ms = 5;
  EXPECT_TRUE(IsError(Error(), StatusCode::kFailedPrecondition, "has a time to live now and had none"));
}

TEST_F(Upgrade, SaysThatATimeToLiveHasChanged) {
  now.states[1].ttl_ms = 20;
  EXPECT_EQ(State(2).verdict, RestoreVerdict::kSame);
  EXPECT_EQ(State(2).notes, std::vector<std::string>{"its time to live has changed"});
}

TEST_F(Upgrade, SaysWhatIsNewAndWhatIsLeftBehind) {
  now.states[0].name = "latest";
  now.operator_states.clear();
  const std::vector<StateCheck> states = Check().operators[0].states;
  EXPECT_EQ(states[1].verdict, RestoreVerdict::kNew);
  EXPECT_EQ(states[3].name, "last");
  EXPECT_EQ(states[3].verdict, RestoreVerdict::kDropped);
  EXPECT_EQ(states[4].name, "rules");
  EXPECT_EQ(states[4].verdict, RestoreVerdict::kDropped);
  EXPECT_OK(Error());
}

TEST_F(Upgrade, KeepsTheWayAListIsRedistributed) {
  now.operator_states[0].redistribution = Redistribution::kUnion;
  EXPECT_TRUE(IsError(Error(), StatusCode::kFailedPrecondition,
                      "it was a broadcast state in the snapshot and is now a union list state"));
}

// An unaligned checkpoint, with records in flight to both inputs.
struct UpgradeWithRecordsInFlight : Upgrade {
  UpgradeWithRecordsInFlight() {
    for (int gate = 0; gate < 2; ++gate) {
      metadata.operators[0].subtasks[1].channels.push_back(
          {.gate = gate, .batches = StreamStateHandle::Inline("batches")});
      SetInFlightSchema(metadata, Id(1), gate, Flight(TypeKind::kInt32, gate == 1));
      now.gate_schemas.push_back(Flight(TypeKind::kInt32, gate == 1));
    }
  }
};

TEST_F(UpgradeWithRecordsInFlight, KeepsTheirTypes) {
  EXPECT_OK(Error());
  now.gate_schemas[1] = Flight(TypeKind::kInt64, true);
  EXPECT_EQ(Check().operators[0].verdict, RestoreVerdict::kIncompatible);
  EXPECT_EQ(State(4).kind, "in flight");
  EXPECT_EQ(State(4).name, "input 1");
  EXPECT_TRUE(IsError(Error(), StatusCode::kFailedPrecondition,
                      "records on their way to it as Flight{id: int64, delay: int32, gate: string}, which are now "
                      "Flight{id: int64, delay: int64, gate: string}."));
}

TEST_F(UpgradeWithRecordsInFlight, KeepsTheOrderOfTheirFields) {
  now.gate_schemas[0] =
      Schema::Record("Flight", {{2, "delay", Schema(TypeKind::kInt32)}, {1, "id", Schema(TypeKind::kInt64)}}).Encode();
  EXPECT_FALSE(Check().compatible());
}

TEST_F(UpgradeWithRecordsInFlight, MayNameTheirFieldsAnew) {
  now.gate_schemas[0] =
      Schema::Record("Trip", {{1, "number", Schema(TypeKind::kInt64)}, {2, "late", Schema(TypeKind::kInt32)}}).Encode();
  EXPECT_OK(Error());
}

TEST_F(UpgradeWithRecordsInFlight, ComparesThemWithTheOnlyInputOfAChainedOperator) {
  now.gate_schemas.pop_back();
  metadata.operators[0].subtasks[1].channels.erase(metadata.operators[0].subtasks[1].channels.begin());
  EXPECT_FALSE(Check().compatible()) << "a flight with a gate for one without";
}

TEST_F(UpgradeWithRecordsInFlight, LooksOnlyAtInputsThatHadSome) {
  for (OperatorSubtaskState& subtask : metadata.operators[0].subtasks) subtask.channels.clear();
  now.gate_schemas[1] = Flight(TypeKind::kInt64, true);
  EXPECT_OK(Error());
}

TEST_F(UpgradeWithRecordsInFlight, LeavesThoseOfOlderVersionsToTheRestore) {
  metadata.properties.clear();
  now.gate_schemas[1] = Flight(TypeKind::kInt64, true);
  EXPECT_OK(Error());
}

TEST_F(Upgrade, KeepsTheMaximumParallelism) {
  now.max_parallelism = 256;
  EXPECT_OK(Error()) << "derived: the snapshot's is taken";
  now.is_max_parallelism_derived = false;
  EXPECT_TRUE(IsError(Error(), StatusCode::kFailedPrecondition, "was 128 in the snapshot and is now 256"));
  now.is_max_parallelism_derived = true;
  now.parallelism = 200;
  EXPECT_TRUE(IsError(Error(), StatusCode::kFailedPrecondition, "its parallelism is 200, above"));
}

// The job's operator in a chain behind a source, which has no keys.
struct UpgradeOfAChain : Upgrade {
  UpgradeOfAChain() {
    OperatorSnapshot numbers{.id = Id(2), .uid = "numbers", .name = "numbers"};
    numbers.subtasks = {{.operator_id = numbers.id}};
    numbers.subtasks[0].lists = {{.name = "splits", .elements = StreamStateHandle::Inline("y")}};
    metadata.operators.push_back(numbers);
    source = {.id = numbers.id, .uid = numbers.uid, .name = numbers.name, .chain = 0};
    now.chain = 0;
  }
  void SetMaxParallelism(int max_parallelism) {
    source.max_parallelism = now.max_parallelism = max_parallelism;
    source.is_max_parallelism_derived = now.is_max_parallelism_derived = false;
  }
  RestoreCheck CheckBoth() { return CheckRestore(metadata, {source, now}, false); }

  OperatorToRestore source;
};

TEST_F(UpgradeOfAChain, BlamesTheOperatorThatSetsTheMaximumParallelism) {
  SetMaxParallelism(256);
  now.sets_max_parallelism = true;
  const RestoreCheck check = CheckBoth();
  EXPECT_EQ(check.operators[0].verdict, RestoreVerdict::kSame) << check.operators[0].problem;
  EXPECT_EQ(check.operators[1].verdict, RestoreVerdict::kIncompatible);
  EXPECT_TRUE(IsError(StatusOf(check), StatusCode::kFailedPrecondition,
                      "operator \"count per origin\" (uid count): its maximum parallelism was 128 in the snapshot"));
}

TEST_F(UpgradeOfAChain, BlamesAllOfItWhenTheMaximumParallelismIsSetForTheWholeJob) {
  SetMaxParallelism(256);
  const RestoreCheck check = CheckBoth();
  EXPECT_EQ(check.operators[0].verdict, RestoreVerdict::kIncompatible);
  EXPECT_EQ(check.operators[1].verdict, RestoreVerdict::kIncompatible);
}

// At a parallelism of one, operators are chained that were not before; the source had what was derived for it.
TEST_F(UpgradeOfAChain, MindsNoOtherMaximumParallelismOfOperatorsWithoutKeys) {
  metadata.operators[0].max_parallelism = 64;
  SetMaxParallelism(64);
  now.sets_max_parallelism = true;
  EXPECT_TRUE(CheckBoth().compatible()) << TableOf(CheckBoth());
}

TEST_F(UpgradeOfAChain, SaysWhatToDoWhenKeysOfAnotherMaximumParallelismGetIntoIt) {
  OperatorSnapshot other = metadata.operators[0];
  other.id = Id(3);
  other.max_parallelism = 64;
  metadata.operators.push_back(other);
  source = now;
  source.id = Id(3);
  source.name = "others";
  EXPECT_TRUE(
      IsError(StatusOf(CheckBoth()), StatusCode::kFailedPrecondition, "that of operator \"others\", with which"));
  SetMaxParallelism(64);
  source.sets_max_parallelism = true;
  EXPECT_TRUE(IsError(StatusOf(CheckBoth()), StatusCode::kFailedPrecondition, "Call StartNewChain() on it"));
}

TEST_F(Upgrade, LetsAnUnalignedCheckpointBeRescaled) {
  metadata.operators[0].subtasks[0].channels = {{.batches = StreamStateHandle::Inline("batch")}};
  EXPECT_OK(Error());
  now.parallelism = 3;
  EXPECT_OK(Error());
}

TEST_F(Upgrade, NeedsAHomeForAllStateOrTheWordThatItMayBeLeftBehind) {
  now.id = Id(9);
  EXPECT_TRUE(IsError(Error(), StatusCode::kFailedPrecondition, "(uid count), which is not in the job"));
  const RestoreCheck allowed = Check(true);
  EXPECT_TRUE(allowed.compatible());
  ASSERT_EQ(allowed.operators.size(), 2u);
  EXPECT_EQ(allowed.operators[0].verdict, RestoreVerdict::kNew);
  EXPECT_EQ(allowed.operators[1].verdict, RestoreVerdict::kDropped);
}

// A sink that keeps nothing, its id generated: it changes with the job.
TEST_F(Upgrade, NeedsNoHomeForListsOfNothing) {
  OperatorSnapshot sink{.id = Id(7), .name = "Sink"};
  sink.subtasks = {{.operator_id = sink.id}};
  sink.subtasks[0].lists = {{.name = "committables", .elements = StreamStateHandle::Inline("none")}};
  metadata.operators.push_back(sink);
  EXPECT_OK(Error());
  metadata.operators.back().subtasks[0].lists[0].count = 1;
  EXPECT_TRUE(IsError(Error(), StatusCode::kFailedPrecondition, "\"Sink\" (id 0"));
}

TEST_F(Upgrade, FindsStateByItsUidHash) {
  now.id = Id(9);
  now.restore_id = Id(1);
  EXPECT_OK(Error());
  EXPECT_EQ(Check().operators[0].id, Id(1));
}

TEST_F(Upgrade, IsShownAsATable) {
  now.states[0].schema = Flight(TypeKind::kInt64, false);
  now.states.pop_back();
  EXPECT_EQ(TableOf(Check()),
            "count per origin (uid count)  converts\n"
            "  key                         same\n"
            "  last (value)                converts      field \"delay\" becomes wider, from int32 to int64\n"
            "  all (list)                  dropped\n"
            "  rules (broadcast)           same\n"
            "compatible\n");
}

TEST_F(Upgrade, IsShownAsJson) {
  now.states.clear();
  now.operator_states.clear();
  metadata.operators[0].states.pop_back();
  metadata.operators[0].subtasks[0].lists.clear();
  metadata.operators[0].subtasks[1].lists.clear();
  EXPECT_EQ(JsonOf(Check()),
            R"({"compatible":true,"operators":[{"id":"00000000000000010000000000000001","uid":"count",)"
            R"("name":"count per origin","verdict":"same","problem":"","states":[{"name":"","kind":"key",)"
            R"("verdict":"same","notes":[],"problem":""},{"name":"last","kind":"value","verdict":"dropped",)"
            R"("notes":[],"problem":""}]}]})");
}

}  // namespace
}  // namespace weir
