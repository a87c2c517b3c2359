#include "weir/types/schema/schema_upgrade.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

Schema Record(std::vector<SchemaField> fields) { return Schema::Record("Flight", std::move(fields)); }
Schema Of(TypeKind kind) { return Schema(kind); }

UpgradeVerdict Verdict(const Schema& stored, const Schema& now) { return PlanSchemaUpgrade(stored, now).verdict; }
UpgradeVerdict Verdict(TypeKind stored, TypeKind now) { return Verdict(Of(stored), Of(now)); }

const Schema kBase = Record({{1, "id", Of(TypeKind::kInt64)}, {2, "delay", Of(TypeKind::kInt32)}});

TEST(SchemaUpgrade, SameSchemaNeedsNoConversion) {
  EXPECT_EQ(Verdict(kBase, kBase), UpgradeVerdict::kSame);
  EXPECT_TRUE(PlanSchemaUpgrade(kBase, kBase).changes.empty());
}

TEST(SchemaUpgrade, RenamingAFieldChangesNoBytes) {
  const Schema renamed = Record({{1, "number", Of(TypeKind::kInt64)}, {2, "delay", Of(TypeKind::kInt32)}});
  EXPECT_EQ(Verdict(kBase, renamed), UpgradeVerdict::kSame);
  EXPECT_EQ(PlanSchemaUpgrade(kBase, renamed).changes[0], "field \"id\" is now called \"number\"");
}

TEST(SchemaUpgrade, AddedDroppedAndReorderedFieldsConvert) {
  const Schema added =
      Record({{1, "id", Of(TypeKind::kInt64)}, {3, "gate", Of(TypeKind::kString)}, {2, "delay", Of(TypeKind::kInt32)}});
  EXPECT_EQ(Verdict(kBase, added), UpgradeVerdict::kConverts);
  EXPECT_EQ(PlanSchemaUpgrade(kBase, added).changes[0], "field \"gate\" is new and gets its default");
  EXPECT_EQ(PlanSchemaUpgrade(added, kBase).changes[0], "field \"gate\" is dropped");
  const Schema reordered = Record({{2, "delay", Of(TypeKind::kInt32)}, {1, "id", Of(TypeKind::kInt64)}});
  EXPECT_EQ(Verdict(kBase, reordered), UpgradeVerdict::kConverts);
  EXPECT_EQ(PlanSchemaUpgrade(kBase, reordered).changes.size(), 1u);
}

TEST(SchemaUpgrade, NumbersMayOnlyBecomeWider) {
  EXPECT_EQ(Verdict(TypeKind::kInt8, TypeKind::kInt64), UpgradeVerdict::kConverts);
  EXPECT_EQ(Verdict(TypeKind::kUint16, TypeKind::kUint32), UpgradeVerdict::kConverts);
  EXPECT_EQ(Verdict(TypeKind::kFloat, TypeKind::kDouble), UpgradeVerdict::kConverts);
  EXPECT_EQ(Verdict(TypeKind::kInt64, TypeKind::kInt32), UpgradeVerdict::kIncompatible);
  EXPECT_EQ(Verdict(TypeKind::kUint32, TypeKind::kInt64), UpgradeVerdict::kIncompatible);
  EXPECT_EQ(Verdict(TypeKind::kInt32, TypeKind::kDouble), UpgradeVerdict::kIncompatible);
  EXPECT_EQ(Verdict(TypeKind::kBool, TypeKind::kInt8), UpgradeVerdict::kIncompatible);
}

TEST(SchemaUpgrade, LooksInsideContainers) {
  const auto list = [](TypeKind kind) { return Schema(TypeKind::kList, std::vector<Schema>{Of(kind)}); };
  EXPECT_EQ(Verdict(list(TypeKind::kInt32), list(TypeKind::kInt64)), UpgradeVerdict::kConverts);
  EXPECT_EQ(PlanSchemaUpgrade(list(TypeKind::kInt32), list(TypeKind::kString)).problems[0],
            "element was int32 in the savepoint and is now string");
  EXPECT_EQ(Verdict(Schema::Array(Of(TypeKind::kBool), 2), Schema::Array(Of(TypeKind::kBool), 3)),
            UpgradeVerdict::kIncompatible);
  EXPECT_EQ(Verdict(Of(TypeKind::kInt32), Schema(TypeKind::kOptional, {Of(TypeKind::kInt64)})),
            UpgradeVerdict::kConverts);
}

TEST(SchemaUpgrade, KnowsTheDefaultsOfAStatesElementsButNotOfContainersInThem) {
  const auto list = [](Schema element) { return Schema(TypeKind::kList, {std::move(element)}); };
  const Schema before = list(Record({{1, "id", Of(TypeKind::kInt64)}}));
  const Schema after = list(Record({{1, "id", Of(TypeKind::kInt64)}, {2, "price", Schema::Custom("money", 1)}}));
  const SchemaUpgrade value = PlanSchemaUpgrade(before, after);
  EXPECT_EQ(value.verdict, UpgradeVerdict::kIncompatible);
  EXPECT_EQ(value.problems[0],
            "element, field \"price\" of type money version 1 is new, and inside containers it cannot get a default");
  const SchemaUpgrade elements = PlanSchemaUpgrade(before, after, SchemaUse::kStateOfElements);
  EXPECT_EQ(elements.verdict, UpgradeVerdict::kConverts);
  EXPECT_EQ(elements.changes[0], "element, field \"price\" is new and gets its default");
  EXPECT_EQ(PlanSchemaUpgrade(list(before), list(after), SchemaUse::kStateOfElements).verdict,
            UpgradeVerdict::kIncompatible);
}

TEST(SchemaUpgrade, VariantsGrowAtTheirEnd) {
  const Schema one(TypeKind::kVariant, {Of(TypeKind::kInt8)});
  const Schema two(TypeKind::kVariant, {Of(TypeKind::kInt8), Of(TypeKind::kBool)});
  EXPECT_EQ(Verdict(one, two), UpgradeVerdict::kSame);
  EXPECT_EQ(Verdict(two, one), UpgradeVerdict::kIncompatible);
}

TEST(SchemaUpgrade, OwnTypesAndUnitsMustBeEqual) {
  EXPECT_EQ(Verdict(Schema::Custom("money", 1), Schema::Custom("money", 2)), UpgradeVerdict::kIncompatible);
  EXPECT_EQ(Verdict(Schema(TypeKind::kTimestamp, "ms"), Schema(TypeKind::kTimestamp, "s")),
            UpgradeVerdict::kIncompatible);
  EXPECT_EQ(Verdict(Schema(TypeKind::kMessage, "a.M"), Schema(TypeKind::kMessage, "a.M")), UpgradeVerdict::kSame);
}

TEST(SchemaUpgrade, SaysWhatWhereAndWhatToDo) {
  const Schema text = Record({{1, "id", Of(TypeKind::kInt64)}, {2, "delay", Of(TypeKind::kString)}});
  EXPECT_EQ(
      CheckSchemaUpgrade("operator \"count per origin\" (uid a3f1)", kBase, text).message(),
      "cannot restore operator \"count per origin\" (uid a3f1): field \"delay\" was int32 in the savepoint and is now "
      "string. Only widening (int32 to int64, float to double) is automatic; give the field a new id or convert it in "
      "a "
      "migration. Nothing was started.");
  EXPECT_TRUE(CheckSchemaUpgrade("x", kBase, kBase).ok());
  EXPECT_EQ(
      CheckSchemaUpgrade("state \"n\"", Of(TypeKind::kInt64), Of(TypeKind::kInt32)).message(),
      "cannot restore state \"n\": the value was int64 in the savepoint and is now int32. Only widening (int32 to "
      "int64, float to double) is automatic; give the new state another name or convert the old one in a "
      "migration. Nothing was started.");
}

TEST(SchemaUpgrade, KeysMayNotEvenConvert) {
  EXPECT_TRUE(CheckKeySchemaUpgrade("x", Of(TypeKind::kInt32), Of(TypeKind::kInt64)).ok());
  EXPECT_FALSE(CheckKeySchemaUpgrade("x", Of(TypeKind::kInt32), Schema(TypeKind::kTuple, {Of(TypeKind::kInt64)})).ok());
  EXPECT_TRUE(CheckKeySchemaUpgrade("x", kBase, kBase).ok());
  EXPECT_EQ(CheckKeySchemaUpgrade("x", Of(TypeKind::kFloat), Of(TypeKind::kDouble)).code(),
            StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace weir
