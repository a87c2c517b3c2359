#include "weir/types/schema/schema_upgrade.h"

#include <algorithm>

#include "weir/types/schema/schema_width.h"

namespace weir {

namespace {

// Only the class itself knows where the bytes of such a value end.
bool HoldsCustom(const Schema& schema) {
  if (schema.kind() == TypeKind::kCustom) return true;
  const auto& fields = schema.fields();
  return std::any_of(schema.arguments().begin(), schema.arguments().end(), HoldsCustom) ||
         std::any_of(fields.begin(), fields.end(), [](const SchemaField& field) { return HoldsCustom(field.type); });
}

// Walks two schemas side by side and collects what differs. `path` says where: `field "at", field "x"`.
class Comparison {
 public:
  explicit Comparison(SchemaUse use) : containers_(use == SchemaUse::kStateOfElements ? -1 : 0) {}

  SchemaUpgrade Take() && {
    upgrade_.verdict = !upgrade_.problems.empty() ? UpgradeVerdict::kIncompatible
                       : converts_                ? UpgradeVerdict::kConverts
                                                  : UpgradeVerdict::kSame;
    return std::move(upgrade_);
  }

  void Compare(const Schema& stored, const Schema& now, const std::string& path) {
    if (stored.kind() == now.kind()) return CompareSameKind(stored, now, path);
    if (Widens(stored.kind(), now.kind())) {
      return Convert(Where(path) + " becomes wider, from " + stored.ToString() + " to " + now.ToString());
    }
    if (now.kind() == TypeKind::kOptional) {
      Convert(Where(path) + " becomes optional");
      ++containers_;
      Compare(stored, now.arguments()[0], path);
      --containers_;
      return;
    }
    Refuse(stored, now, path);
  }

 private:
  static std::string Where(const std::string& path) { return path.empty() ? "the value" : path; }
  static std::string Inside(const std::string& path, const std::string& part) {
    return path.empty() ? part : path + ", " + part;
  }

  void Convert(std::string change) {
    converts_ = true;
    upgrade_.changes.push_back(std::move(change));
  }

  void Refuse(const Schema& stored, const Schema& now, const std::string& path) {
    upgrade_.problems.push_back(Where(path) + " was " + stored.ToString() + " in the savepoint and is now " +
                                now.ToString());
  }

  void CompareSameKind(const Schema& stored, const Schema& now, const std::string& path) {
    switch (stored.kind()) {
      case TypeKind::kRecord:
        return CompareFields(stored, now, path);
      case TypeKind::kTimestamp:
      case TypeKind::kDuration:
      case TypeKind::kMessage:  // Protobuf has rules of its own for the fields inside
        if (stored.name() != now.name()) Refuse(stored, now, path);
        return;
      case TypeKind::kCustom:
        if (stored.name() != now.name() || stored.version() != now.version()) Refuse(stored, now, path);
        return;
      default:
        return CompareArguments(stored, now, path);
    }
  }

  // Keys of maps and elements of sets must stay different, and defaults are known only where there is exactly one value.
  void CompareArguments(const Schema& stored, const Schema& now, const std::string& path) {
    const size_t before = stored.arguments().size();
    const size_t after = now.arguments().size();
    const bool may_grow = stored.kind() == TypeKind::kVariant;
    if (before > after || (before < after && !may_grow) || stored.length() != now.length())
      return Refuse(stored, now, path);
    const bool is_inside = stored.kind() != TypeKind::kTuple;
    for (size_t i = 0; i < before; ++i) {
      const bool is_key = stored.kind() == TypeKind::kSet || (stored.kind() == TypeKind::kMap && i == 0);
      containers_ += is_inside ? 1 : 0;
      keys_ += is_key ? 1 : 0;
      Compare(stored.arguments()[i], now.arguments()[i], Inside(path, PartName(stored.kind(), i)));
      containers_ -= is_inside ? 1 : 0;
      keys_ -= is_key ? 1 : 0;
    }
    if (before < after) upgrade_.changes.push_back(Where(path) + " has new alternatives");
  }

  static std::string PartName(TypeKind kind, size_t index) {
    switch (kind) {
      case TypeKind::kMap:
        return index == 0 ? "map key" : "map value";
      case TypeKind::kTuple:
        return "tuple element " + std::to_string(index);
      case TypeKind::kVariant:
        return "alternative " + std::to_string(index);
      case TypeKind::kEnum:
        return "enum's number";
      case TypeKind::kOptional:
        return "optional value";
      default:
        return "element";
    }
  }

  void CompareFields(const Schema& stored, const Schema& now, const std::string& path) {
    for (const SchemaField& old_field : stored.fields()) {
      const SchemaField* new_field = now.FindField(old_field.id);
      const std::string field_path = Inside(path, "field \"" + old_field.name + "\"");
      if (new_field == nullptr) {
        Drop(old_field, field_path);
        continue;
      }
      if (new_field->name != old_field.name)
        upgrade_.changes.push_back(field_path + " is now called \"" + new_field->name + "\"");
      Compare(old_field.type, new_field->type, field_path);
    }
    for (const SchemaField& field : now.fields()) {
      if (stored.FindField(field.id) == nullptr) Add(field, Inside(path, "field \"" + field.name + "\""));
    }
    NoteOrder(stored, now, path);
  }

  void Drop(const SchemaField& field, const std::string& path) {
    if (keys_ > 0) {
      upgrade_.problems.push_back(path + " is dropped from a key, so that entries could fall together");
    } else if (HoldsCustom(field.type)) {
      upgrade_.problems.push_back(path + " of type " + field.type.ToString() +
                                  " is dropped, and only that class knows where its bytes end");
    } else {
      Convert(path + " is dropped");
    }
  }

  void Add(const SchemaField& field, const std::string& path) {
    if (containers_ > 0 && HoldsCustom(field.type)) {
      upgrade_.problems.push_back(path + " of type " + field.type.ToString() +
                                  " is new, and inside containers it cannot get a default");
    } else {
      Convert(path + " is new and gets its default");
    }
  }

  // The fields that both have must lie in the same order, or bytes move.
  void NoteOrder(const Schema& stored, const Schema& now, const std::string& path) {
    std::vector<uint32_t> order;
    for (const SchemaField& field : now.fields()) {
      if (stored.FindField(field.id) != nullptr) order.push_back(field.id);
    }
    size_t at = 0;
    for (const SchemaField& field : stored.fields()) {
      if (at < order.size() && order[at] == field.id) ++at;
    }
    if (at < order.size()) Convert(Inside(path, "fields are reordered"));
  }

  int containers_;  // that the walk is inside of, but for the state itself
  int keys_ = 0;
  bool converts_ = false;
  SchemaUpgrade upgrade_;
};

std::string Join(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : "; ") + part;
  return text;
}

// What a person can do.
std::string AdviceFor(const std::vector<std::string>& problems) {
  const bool is_field = std::any_of(problems.begin(), problems.end(), [](const std::string& problem) {
    return problem.find("field \"") != std::string::npos;
  });
  return is_field ? "give the field a new id or convert it in a migration"
                  : "give the new state another name or convert the old one in a migration";
}

}  // namespace

SchemaUpgrade PlanSchemaUpgrade(const Schema& stored, const Schema& now, SchemaUse use) {
  Comparison comparison(use);
  comparison.Compare(stored, now, "");
  return std::move(comparison).Take();
}

Status CheckSchemaUpgrade(std::string_view what, const Schema& stored, const Schema& now, SchemaUse use) {
  const SchemaUpgrade upgrade = PlanSchemaUpgrade(stored, now, use);
  if (upgrade.verdict != UpgradeVerdict::kIncompatible) return OkStatus();
  return FailedPreconditionError("cannot restore " + std::string(what) + ": " + Join(upgrade.problems) +
                                 ". Only widening (int32 to int64, float to double) is automatic; " +
                                 AdviceFor(upgrade.problems) + ". Nothing was started.");
}

Status CheckKeySchemaUpgrade(std::string_view what, const Schema& stored, const Schema& now) {
  const SchemaUpgrade upgrade = PlanSchemaUpgrade(stored, now);
  // Whole numbers are stored as 64 bits whatever their type (types/key.h).
  const bool wider_integer = Widens(stored.kind(), now.kind()) && stored.kind() != TypeKind::kFloat;
  if (upgrade.verdict == UpgradeVerdict::kSame || wider_integer) return OkStatus();
  return FailedPreconditionError(
      "cannot restore " + std::string(what) + ": its key was " + stored.ToString() + " in the savepoint and is now " +
      now.ToString() +
      ". The bytes of a key decide where its state lies, so they must stay equal: go back to the old "
      "key, or write a new savepoint with the new one in a migration. Nothing was started.");
}

}  // namespace weir
