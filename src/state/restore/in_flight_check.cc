#include "weir/state/restore/in_flight_check.h"

#include <algorithm>
#include <utility>

#include "weir/types/schema/schema.h"
#include "weir/types/schema/schema_upgrade.h"

namespace weir {

namespace {

constexpr char kWayOut[] =
    " Records in flight are not converted: start the former program from this checkpoint, and this one from a "
    "savepoint of it, which holds none. Nothing was started.";

// Empty if the bytes of one are those of the other, or if that is not known.
std::string Problem(const std::string& stored, const std::string& now) {
  const StatusOr<Schema> before = Schema::Decode(stored);
  const StatusOr<Schema> after = Schema::Decode(now);
  if (stored.empty() || now.empty() || !before.ok() || !after.ok()) return {};
  if (PlanSchemaUpgrade(*before, *after).verdict == UpgradeVerdict::kSame) return {};
  return "the checkpoint is unaligned and holds records on their way to it as " + before->ToString() +
         ", which are now " + after->ToString() + ".";
}

}  // namespace

std::vector<StateCheck> CheckInFlight(const CheckpointMetadata& metadata, const OperatorSnapshot& stored,
                                      const OperatorToRestore& now, const std::string& what) {
  std::vector<StateCheck> checks;
  if (now.gate_schemas.empty()) return checks;
  const int last = static_cast<int>(now.gate_schemas.size()) - 1;
  for (const int gate : GatesInFlight(stored)) {
    const std::string schema = InFlightSchema(metadata, stored.id, gate);
    // Behind another operator of its chain it has one input for all.
    const std::string problem = Problem(schema, now.gate_schemas[static_cast<size_t>(std::clamp(gate, 0, last))]);
    if (problem.empty()) continue;
    checks.push_back({.name = "input " + std::to_string(gate),
                      .kind = "in flight",
                      .verdict = RestoreVerdict::kIncompatible,
                      .problem = "cannot restore " + what + ": " + problem + kWayOut});
  }
  return checks;
}

}  // namespace weir
