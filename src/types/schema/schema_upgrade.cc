#include "weir/types/schema/schema_upgrade.h"

#include <algorithm>
#include <optional>

namespace weir {

namespace {

// Position among the types that widen into each other; nothing for all other types.
struct Width {
  char family;  // 'i' signed, 'u' unsigned, 'f' floating
  int bits;
};

std::optional<Width> WidthOf(TypeKind kind) {
  switch (kind) {
    case TypeKind::kInt8:
      return Width{'i', 8};
    case TypeKind::kInt16:
      return Width{'i', 16};
    case TypeKind::kInt32:
      return Width{'i', 32};
    case TypeKind::kInt64:
      return Width{'i', 64};
    case TypeKind::kUint8:
      return Width{'u', 8};
    case TypeKind::kUint16:
      return Width{'u', 16};
    case TypeKind::kUint32:
      return Width{'u', 32};
    case TypeKind::kUint64:
      return Width{'u', 64};
    case TypeKind::kFloat:
      return Width{'f', 32};
    case TypeKind::kDouble:
      return Width{'f', 64};
    default:
      return std::nullopt;
  }
}

bool Widens(TypeKind stored, TypeKind now) {
  const std::optional<Width> from = WidthOf(stored);
  const std::optional<Width> to = WidthOf(now);
  return from.has_value() && to.has_value() && from->family == to->family && from->bits < to->bits;
}

// Walks two schemas side by side and collects what differs. `path` says where: `field "at", field "x"`.
class Comparison {
 public:
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
      return Compare(stored, now.arguments()[0], path);
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

  void CompareArguments(const Schema& stored, const Schema& now, const std::string& path) {
    const size_t before = stored.arguments().size();
    const size_t after = now.arguments().size();
    const bool may_grow = stored.kind() == TypeKind::kVariant;
    if (before > after || (before < after && !may_grow) || stored.length() != now.length())
      return Refuse(stored, now, path);
    for (size_t i = 0; i < before; ++i) {
      Compare(stored.arguments()[i], now.arguments()[i], Inside(path, PartName(stored.kind(), i)));
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
        Convert(field_path + " is dropped");
        continue;
      }
      if (new_field->name != old_field.name)
        upgrade_.changes.push_back(field_path + " is now called \"" + new_field->name + "\"");
      Compare(old_field.type, new_field->type, field_path);
    }
    for (const SchemaField& field : now.fields()) {
      if (stored.FindField(field.id) == nullptr)
        Convert(Inside(path, "field \"" + field.name + "\"") + " is new and gets its default");
    }
    NoteOrder(stored, now, path);
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

  bool converts_ = false;
  SchemaUpgrade upgrade_;
};

std::string Join(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : "; ") + part;
  return text;
}

}  // namespace

SchemaUpgrade PlanSchemaUpgrade(const Schema& stored, const Schema& now) {
  Comparison comparison;
  comparison.Compare(stored, now, "");
  return std::move(comparison).Take();
}

Status CheckSchemaUpgrade(std::string_view what, const Schema& stored, const Schema& now) {
  const SchemaUpgrade upgrade = PlanSchemaUpgrade(stored, now);
  if (upgrade.verdict != UpgradeVerdict::kIncompatible) return OkStatus();
  return FailedPreconditionError(
      "cannot restore " + std::string(what) + ": " + Join(upgrade.problems) +
      ". Only widening (int32 to int64, float to double) is automatic; give the field a new id "
      "or convert it in a migration. Nothing was started.");
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
