#include "weir/types/schema/value_converter.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "weir/types/schema/schema_upgrade.h"
#include "weir/types/schema/schema_width.h"

namespace weir {

namespace internal {

// One node of a conversion, parallel to the stored schema.
struct ConversionStep {
  enum class Kind : uint8_t {
    kCopyBytes,     // `bytes` of them
    kCopyValue,     // of `schema`, whose length is in the value
    kInsert,        // `text`; reads nothing
    kDrop,          // a value of `schema`; writes nothing
    kWiden,         // a number, from `from` to `to`
    kWrapOptional,  // parts[0], and it is there
    kOptional,      // parts[0] if there is one
    kElements,      // a count, then per element all parts
    kVariant,       // the alternative's part
    kSequence,      // all parts
    kReorder,       // parts in stored order; order[i] is the part whose result comes i-th
  };
  Kind kind = Kind::kSequence;
  uint32_t bytes = 0;
  TypeKind from = TypeKind::kBool;
  TypeKind to = TypeKind::kBool;
  std::string text = {};
  Schema schema = {};
  std::vector<ConversionStep> parts = {};
  std::vector<uint32_t> order = {};
};

}  // namespace internal

namespace {

using Step = internal::ConversionStep;
using Kind = internal::ConversionStep::Kind;

// Copies what SkipValue would skip.
void CopyValue(const Schema& schema, ByteReader& in, ByteWriter& out) {
  ByteReader probe = in;
  SkipValue(schema, probe);
  if (!probe.ok()) return in.Reject();
  out.PutBytes(in.GetBytes(probe.offset() - in.offset()));
}

int64_t ReadSigned(TypeKind kind, ByteReader& in) {
  switch (kind) {
    case TypeKind::kInt8:
      return in.GetI8();
    case TypeKind::kInt16:
      return in.GetI16();
    case TypeKind::kInt32:
      return in.GetI32();
    case TypeKind::kUint8:
      return in.GetU8();
    case TypeKind::kUint16:
      return in.GetU16();
    default:
      return in.GetU32();
  }
}

void Widen(TypeKind from, TypeKind to, ByteReader& in, ByteWriter& out) {
  if (from == TypeKind::kFloat) return out.PutF64(in.GetF32());
  const int64_t value = ReadSigned(from, in);  // zero bits in front of unsigned ones
  switch (FixedBytes(to)) {
    case 2:
      return out.PutI16(static_cast<int16_t>(value));
    case 4:
      return out.PutI32(static_cast<int32_t>(value));
    default:
      return out.PutI64(value);
  }
}

void Run(const Step& step, ByteReader& in, ByteWriter& out);

void RunElements(const Step& step, ByteReader& in, ByteWriter& out) {
  const uint32_t count = in.GetU32();
  if (count > in.remaining()) return in.Reject();
  out.PutU32(count);
  for (uint32_t i = 0; i < count && in.ok(); ++i) {
    for (const Step& part : step.parts) Run(part, in, out);
  }
}

void RunVariant(const Step& step, ByteReader& in, ByteWriter& out) {
  const uint8_t index = in.GetU8();
  if (index >= step.parts.size()) return in.Reject();
  out.PutU8(index);
  Run(step.parts[index], in, out);
}

void RunReorder(const Step& step, ByteReader& in, ByteWriter& out) {
  ByteWriter parts;
  std::vector<size_t> ends = {0};
  for (const Step& part : step.parts) {
    Run(part, in, parts);
    ends.push_back(parts.size());
  }
  for (const uint32_t part : step.order) out.PutBytes(parts.bytes().substr(ends[part], ends[part + 1] - ends[part]));
}

void RunOptional(const Step& step, ByteReader& in, ByteWriter& out) {
  const bool is_there = in.GetBool();
  out.PutBool(is_there);
  if (is_there) Run(step.parts[0], in, out);
}

void Run(const Step& step, ByteReader& in, ByteWriter& out) {
  switch (step.kind) {
    case Kind::kCopyBytes:
      return out.PutBytes(in.GetBytes(step.bytes));
    case Kind::kCopyValue:
      return CopyValue(step.schema, in, out);
    case Kind::kInsert:
      return out.PutBytes(step.text);
    case Kind::kDrop:
      return SkipValue(step.schema, in);
    case Kind::kWiden:
      return Widen(step.from, step.to, in, out);
    case Kind::kWrapOptional:
      out.PutBool(true);
      return Run(step.parts[0], in, out);
    case Kind::kOptional:
      return RunOptional(step, in, out);
    case Kind::kElements:
      return RunElements(step, in, out);
    case Kind::kVariant:
      return RunVariant(step, in, out);
    case Kind::kReorder:
      return RunReorder(step, in, out);
    case Kind::kSequence:
      for (const Step& part : step.parts) Run(part, in, out);
  }
}

// Notes what `step` does to a stored value that goes on at `from`. False: more than copying.
bool Trace(const Step& step, uint32_t& from, FixedConversion& out);

bool TraceReorder(const Step& step, uint32_t& from, FixedConversion& out) {
  std::vector<FixedConversion> parts(step.parts.size());
  for (size_t i = 0; i < parts.size(); ++i) {
    if (!Trace(step.parts[i], from, parts[i])) return false;
  }
  for (const uint32_t part : step.order) {
    const auto begin = static_cast<uint32_t>(out.filled.size());
    for (const FixedConversion::Copy& copy : parts[part].copies)
      out.copies.push_back({copy.from, begin + copy.to, copy.bytes});
    out.filled += parts[part].filled;
  }
  return true;
}

bool Trace(const Step& step, uint32_t& from, FixedConversion& out) {
  switch (step.kind) {
    case Kind::kCopyBytes:
      out.copies.push_back({from, static_cast<uint32_t>(out.filled.size()), step.bytes});
      out.filled.append(step.bytes, '\0');
      from += step.bytes;
      return true;
    case Kind::kInsert:
      out.filled += step.text;
      return true;
    case Kind::kDrop:
      from += FixedBytes(step.schema);
      return FixedBytes(step.schema) > 0;
    case Kind::kSequence:
      return std::ranges::all_of(step.parts, [&](const Step& part) { return Trace(part, from, out); });
    case Kind::kReorder:
      return TraceReorder(step, from, out);
    default:
      return false;
  }
}

// The value of a type that nobody initialised: zero or empty.
void PutZero(const Schema& schema, ByteWriter& out) {
  switch (schema.kind()) {
    case TypeKind::kEnum:
      return PutZero(schema.arguments()[0], out);
    case TypeKind::kOptional:
      return out.PutBool(false);
    case TypeKind::kArray:
      for (uint32_t i = 0; i < schema.length(); ++i) PutZero(schema.arguments()[0], out);
      return;
    case TypeKind::kVariant:
      out.PutU8(0);
      return PutZero(schema.arguments()[0], out);
    case TypeKind::kTuple:
    case TypeKind::kRecord:
      if (schema.fields().empty() && schema.arguments().empty()) return out.PutU8(0);
      for (const SchemaField& field : schema.fields()) PutZero(field.type, out);
      for (const Schema& argument : schema.arguments()) PutZero(argument, out);
      return;
    case TypeKind::kString:
    case TypeKind::kMessage:
    case TypeKind::kList:
    case TypeKind::kSet:
    case TypeKind::kMap:
      return out.PutU32(0);
    default:
      out.PutBytes(std::string(FixedBytes(schema.kind()), '\0'));
  }
}

// Builds the steps of two schemas that PlanSchemaUpgrade has found to go together.
class Compiler {
 public:
  // `known`: bytes of a value as the program makes it; empty: nobody has said, and each record's own initialisers hold.
  Step Compile(const Schema& stored, const Schema& now, std::string_view known);

 private:
  Step CompileSameKind(const Schema& stored, const Schema& now, std::string_view known);
  Step CompileRecord(const Schema& stored, const Schema& now, std::string_view known);
  // How the fields of a stored record are read, and where they go in the record as it is now.
  struct ReadFields {
    std::vector<Step> steps;       // as they are stored, dropped ones included
    std::vector<size_t> position;  // of each field now: the number of its step, or kNew
    bool in_order = true;          // the fields that stay are stored in the order that they have now
  };
  static constexpr size_t kNew = SIZE_MAX;
  // `known`: the fields' defaults, if somebody has said them.
  ReadFields CompileFields(const Schema& stored, const Schema& now, const std::vector<std::string>* known);
  // Reading and writing go hand in hand: new fields go in before the next one that stays.
  static Step InOrder(ReadFields fields, const std::vector<std::string>& defaults);
  // Everything is read before the first field is written.
  static Step Reordered(ReadFields fields, const std::vector<std::string>& defaults);
  Step CompileTuple(const Schema& stored, const Schema& now, std::string_view known);
  Step CompileArguments(Kind kind, const Schema& stored, const Schema& now);
  static Step Copy(const Schema& now);
  // The default of each field or element of `now`.
  static std::vector<std::string> Defaults(const std::vector<const Schema*>& types, std::string_view known);
};

// Adds a step, joining copies of known length.
void Append(std::vector<Step>& steps, Step step) {
  if (step.kind == Kind::kSequence) {
    for (Step& part : step.parts) Append(steps, std::move(part));
  } else if (step.kind == Kind::kCopyBytes && !steps.empty() && steps.back().kind == Kind::kCopyBytes) {
    steps.back().bytes += step.bytes;
  } else {
    steps.push_back(std::move(step));
  }
}

std::vector<std::string> Compiler::Defaults(const std::vector<const Schema*>& types, std::string_view known) {
  std::vector<std::string> defaults;
  ByteReader in(known, "default value");
  for (const Schema* type : types) {
    ByteWriter out;
    if (known.empty()) {
      PutZero(*type, out);
    } else {
      CopyValue(*type, in, out);
    }
    defaults.push_back(std::move(out).Take());
  }
  return defaults;
}

Step Compiler::Copy(const Schema& now) {
  if (const uint32_t bytes = FixedBytes(now); bytes > 0) return {.kind = Kind::kCopyBytes, .bytes = bytes};
  return {.kind = Kind::kCopyValue, .schema = now};
}

Step Compiler::Compile(const Schema& stored, const Schema& now, std::string_view known) {
  if (stored.Fingerprint() == now.Fingerprint()) return Copy(now);
  if (stored.kind() == now.kind()) return CompileSameKind(stored, now, known);
  if (now.kind() == TypeKind::kOptional)
    return {.kind = Kind::kWrapOptional, .parts = {Compile(stored, now.arguments()[0], "")}};
  return {.kind = Kind::kWiden, .from = stored.kind(), .to = now.kind()};
}

Step Compiler::CompileSameKind(const Schema& stored, const Schema& now, std::string_view known) {
  switch (stored.kind()) {
    case TypeKind::kRecord:
      return CompileRecord(stored, now, known);
    case TypeKind::kTuple:
      return CompileTuple(stored, now, known);
    case TypeKind::kEnum:
      return {.kind = Kind::kWiden, .from = stored.arguments()[0].kind(), .to = now.arguments()[0].kind()};
    case TypeKind::kOptional:
      return CompileArguments(Kind::kOptional, stored, now);
    case TypeKind::kVariant:
      return CompileArguments(Kind::kVariant, stored, now);
    case TypeKind::kArray: {
      Step all{.kind = Kind::kSequence};
      for (uint32_t i = 0; i < stored.length(); ++i)
        all.parts.push_back(Compile(stored.arguments()[0], now.arguments()[0], ""));
      return all;
    }
    default:
      return CompileArguments(Kind::kElements, stored, now);
  }
}

Step Compiler::CompileArguments(Kind kind, const Schema& stored, const Schema& now) {
  Step step{.kind = kind};
  for (size_t i = 0; i < stored.arguments().size(); ++i)
    step.parts.push_back(Compile(stored.arguments()[i], now.arguments()[i], ""));
  return step;
}

Step Compiler::CompileTuple(const Schema& stored, const Schema& now, std::string_view known) {
  std::vector<const Schema*> types;
  for (const Schema& argument : now.arguments()) types.push_back(&argument);
  const std::vector<std::string> defaults = Defaults(types, known);
  Step step;
  for (size_t i = 0; i < stored.arguments().size(); ++i)
    Append(step.parts, Compile(stored.arguments()[i], now.arguments()[i], known.empty() ? "" : defaults[i]));
  return step;
}

Step Compiler::CompileRecord(const Schema& stored, const Schema& now, std::string_view known) {
  ByteWriter own;
  if (known.empty() && now.put_default() != nullptr) {
    now.put_default()(own);
    known = own.bytes();
  }
  std::vector<const Schema*> types;
  for (const SchemaField& field : now.fields()) types.push_back(&field.type);
  const std::vector<std::string> defaults = Defaults(types, known);
  ReadFields fields = CompileFields(stored, now, known.empty() ? nullptr : &defaults);
  Step step = fields.in_order ? InOrder(std::move(fields), defaults) : Reordered(std::move(fields), defaults);
  if (now.fields().empty()) step.parts.push_back({.kind = Kind::kInsert, .text = std::string(1, '\0')});
  return step;
}

Compiler::ReadFields Compiler::CompileFields(const Schema& stored, const Schema& now,
                                             const std::vector<std::string>* known) {
  ReadFields fields;
  fields.position.assign(now.fields().size(), kNew);
  size_t highest = 0;
  if (stored.fields().empty()) fields.steps.push_back({.kind = Kind::kDrop, .schema = stored});
  for (const SchemaField& old_field : stored.fields()) {
    const SchemaField* const field = now.FindField(old_field.id);
    if (field == nullptr) {
      fields.steps.push_back({.kind = Kind::kDrop, .schema = old_field.type});
      continue;
    }
    const size_t target = static_cast<size_t>(field - now.fields().data());
    fields.in_order &= target >= highest;
    highest = target;
    fields.position[target] = fields.steps.size();
    fields.steps.push_back(Compile(old_field.type, field->type, known == nullptr ? "" : (*known)[target]));
  }
  return fields;
}

Step Compiler::InOrder(ReadFields fields, const std::vector<std::string>& defaults) {
  Step step;
  size_t next = 0;
  for (size_t i = 0; i < fields.position.size(); ++i) {
    if (fields.position[i] == kNew) {
      Append(step.parts, {.kind = Kind::kInsert, .text = defaults[i]});
      continue;
    }
    for (; next <= fields.position[i]; ++next) Append(step.parts, std::move(fields.steps[next]));
  }
  for (; next < fields.steps.size(); ++next) Append(step.parts, std::move(fields.steps[next]));
  return step;
}

Step Compiler::Reordered(ReadFields fields, const std::vector<std::string>& defaults) {
  Step step{.kind = Kind::kReorder};
  step.parts = std::move(fields.steps);
  for (size_t i = 0; i < fields.position.size(); ++i) {
    size_t position = fields.position[i];
    if (position == kNew) {
      position = step.parts.size();
      step.parts.push_back({.kind = Kind::kInsert, .text = defaults[i]});
    }
    step.order.push_back(static_cast<uint32_t>(position));
  }
  return step;
}

}  // namespace

ValueConverter::ValueConverter(std::unique_ptr<const internal::ConversionStep> root, bool is_identity)
    : root_(std::move(root)), is_identity_(is_identity) {}
ValueConverter::ValueConverter(ValueConverter&&) noexcept = default;
ValueConverter& ValueConverter::operator=(ValueConverter&&) noexcept = default;
ValueConverter::~ValueConverter() = default;

StatusOr<ValueConverter> ValueConverter::Of(const Schema& stored, const Schema& now, std::string_view default_value) {
  WEIR_RETURN_IF_ERROR(CheckSchemaUpgrade("the state", stored, now));
  const bool is_identity = PlanSchemaUpgrade(stored, now).verdict == UpgradeVerdict::kSame;
  return ValueConverter(std::make_unique<const Step>(Compiler().Compile(stored, now, default_value)), is_identity);
}

void ValueConverter::Convert(ByteReader& in, ByteWriter& out) const { Run(*root_, in, out); }

std::optional<FixedConversion> ValueConverter::AsFixed() const {
  FixedConversion fixed;
  uint32_t from = 0;
  if (!Trace(*root_, from, fixed)) return std::nullopt;
  return fixed;
}

}  // namespace weir
