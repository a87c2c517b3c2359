// Whether values that were stored with one schema can be read with another: asked before an old job is stopped.
//
// A field is known by its id. Fields may be added (they get their default), removed (but not from keys of maps and elements of sets), reordered and
// renamed; integers and floats may become wider; a value may become optional; a variant may get alternatives at its end. Nothing else is automatic.
#pragma once

#include <string>
#include <vector>

#include "weir/base/status.h"
#include "weir/types/schema/schema.h"

namespace weir {

enum class UpgradeVerdict : uint8_t {
  kSame,      // the bytes are read as they are
  kConverts,  // values are converted while they are read
  kIncompatible,
};

struct SchemaUpgrade {
  UpgradeVerdict verdict = UpgradeVerdict::kSame;
  // What differs, for people: `field "gate" is new`. Names that changed appear too, though they change no bytes.
  std::vector<std::string> changes;
  // What stands in the way, empty unless kIncompatible: `field "delay" was int32 in the savepoint and is now string`.
  std::vector<std::string> problems;
};

// Of what the schemas are: of a value, or, as lists and maps, of a state whose elements and entries are values of their own, whose defaults are known.
enum class SchemaUse : uint8_t { kValue, kStateOfElements };

// How values stored as `stored` are read as `now`.
SchemaUpgrade PlanSchemaUpgrade(const Schema& stored, const Schema& now, SchemaUse use = SchemaUse::kValue);

// kFailedPrecondition with all problems and what to do about them, if values stored as `stored` cannot be read as `now`.
// `what` names the thing: "operator \"count per origin\" (uid a3f1), state \"seen\"".
Status CheckSchemaUpgrade(std::string_view what, const Schema& stored, const Schema& now,
                          SchemaUse use = SchemaUse::kValue);

// As above for keys, whose bytes decide their key group: they must stay equal. (An int32 key may become int64: both are stored
// as 64 bits.)
Status CheckKeySchemaUpgrade(std::string_view what, const Schema& stored, const Schema& now);

}  // namespace weir
