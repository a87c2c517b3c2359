#include "weir/state/restore/restore_check.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <string_view>
#include <utility>

#include "weir/state/restore/in_flight_check.h"
#include "weir/types/schema/schema.h"
#include "weir/types/schema/schema_upgrade.h"

namespace weir {

namespace {

constexpr std::string_view kNothingStarted = " Nothing was started.";

std::string Quoted(const std::string& name, const std::string& uid, const OperatorId& id) {
  return "operator \"" + name + "\" (" + (uid.empty() ? "id " + id.ToHex() : "uid " + uid) + ")";
}

const char* KindName(StateKind kind) {
  static constexpr const char* kNames[] = {"value", "list", "map", "reducing", "aggregating"};
  return kNames[static_cast<size_t>(kind)];
}

const char* KindName(Redistribution redistribution) {
  static constexpr const char* kNames[] = {"split list", "union list", "broadcast"};
  return kNames[static_cast<size_t>(redistribution)];
}

// The schemas of one state before and after, compared by `check`.
struct Schemas {
  Schema stored;
  Schema now;
};

// False if one of them is not known: then only the restore itself can tell.
bool DecodeBoth(const std::string& stored, const std::string& now, Schemas& schemas) {
  StatusOr<Schema> before = Schema::Decode(stored);
  StatusOr<Schema> after = Schema::Decode(now);
  if (stored.empty() || now.empty() || !before.ok() || !after.ok()) return false;
  schemas = {std::move(*before), std::move(*after)};
  return true;
}

void CompareSchemas(const std::string& what, const Schemas& schemas, SchemaUse use, StateCheck& check) {
  SchemaUpgrade upgrade = PlanSchemaUpgrade(schemas.stored, schemas.now, use);
  std::move(upgrade.changes.begin(), upgrade.changes.end(), std::back_inserter(check.notes));
  if (upgrade.verdict == UpgradeVerdict::kSame) return;
  if (upgrade.verdict == UpgradeVerdict::kConverts) {
    check.verdict = RestoreVerdict::kConverts;
    return;
  }
  check.verdict = RestoreVerdict::kIncompatible;
  check.problem = CheckSchemaUpgrade(what, schemas.stored, schemas.now, use).message();
}

void Refuse(StateCheck& check, std::string problem) {
  check.verdict = RestoreVerdict::kIncompatible;
  check.problem = std::move(problem);
}

// Operators of the job, each with what the snapshot has for it; null: nothing.
struct Pairs {
  const CheckpointMetadata& metadata;
  const std::vector<OperatorToRestore>& now;
  std::vector<const OperatorSnapshot*> stored = {};

  bool HasStateFor(size_t number) const { return stored[number] != nullptr && HasState(*stored[number]); }
  bool AreChained(size_t one, size_t other) const {
    return one != other && now[one].chain >= 0 && now[one].chain == now[other].chain;
  }
  bool IsGivenAnotherMaximum(size_t number) const {
    return HasStateFor(number) && !now[number].is_max_parallelism_derived &&
           now[number].max_parallelism != stored[number]->max_parallelism;
  }
};

// Compares one operator of the job with what the snapshot has for it.
class OperatorComparison {
 public:
  // Of operator `number`, for which the snapshot has something.
  OperatorComparison(const Pairs& pairs, size_t number)
      : pairs_(pairs),
        number_(number),
        now_(pairs.now[number]),
        stored_(*pairs.stored[number]),
        what_(Quoted(now_.name, now_.uid, stored_.id)) {}

  OperatorCheck Compare() {
    check_ = {.id = stored_.id, .uid = now_.uid, .name = now_.name};
    if (!HasState(stored_)) {
      check_.verdict = RestoreVerdict::kNew;
      return std::move(check_);
    }
    CompareParallelism();
    CompareKey();
    CompareKeyedStates();
    CompareOperatorStates();
    std::ranges::move(CheckInFlight(pairs_.metadata, stored_, now_, what_), std::back_inserter(check_.states));
    for (const StateCheck& state : check_.states) {
      if (state.verdict == RestoreVerdict::kIncompatible) check_.verdict = RestoreVerdict::kIncompatible;
      if (state.verdict == RestoreVerdict::kConverts && check_.verdict == RestoreVerdict::kSame)
        check_.verdict = RestoreVerdict::kConverts;
    }
    return std::move(check_);
  }

 private:
  void CompareParallelism();
  // The operator of its chain from which it would have another maximum parallelism than in the snapshot; null: there is none.
  const OperatorToRestore* ChainedWithOtherKeyGroups() const;
  void CompareKey();
  void CompareKeyedStates();
  void CompareKeyedState(const KeyedStateDescription& stored, const KeyedStateDescription& now, StateCheck& check);
  void CompareOperatorStates();

  const Pairs& pairs_;
  const size_t number_;
  const OperatorToRestore& now_;
  const OperatorSnapshot& stored_;
  const std::string what_;
  OperatorCheck check_;
};

const OperatorToRestore* OperatorComparison::ChainedWithOtherKeyGroups() const {
  const bool is_derived = now_.is_max_parallelism_derived;
  for (size_t other = 0; other < pairs_.now.size(); ++other) {
    if (!pairs_.AreChained(number_, other)) continue;
    const bool has_keys = pairs_.HasStateFor(other) && HasKeyedState(*pairs_.stored[other]);
    // Where it is derived, it is that of the first with keys.
    const bool decides = is_derived ? has_keys && other < number_ : pairs_.now[other].sets_max_parallelism;
    const int maximum = is_derived && decides ? pairs_.stored[other]->max_parallelism : now_.max_parallelism;
    if (decides && maximum != stored_.max_parallelism) return &pairs_.now[other];
  }
  return nullptr;
}

void OperatorComparison::CompareParallelism() {
  const std::string cannot = "cannot restore " + what_ + ": its maximum parallelism was " +
                             std::to_string(stored_.max_parallelism) + " in the snapshot and is now ";
  const OperatorToRestore* const other = now_.sets_max_parallelism ? nullptr : ChainedWithOtherKeyGroups();
  if (now_.parallelism > stored_.max_parallelism) {
    check_.problem = "cannot restore " + what_ + ": its parallelism is " + std::to_string(now_.parallelism) +
                     ", above the maximum parallelism of " + std::to_string(stored_.max_parallelism) +
                     " with which the snapshot was written. Use at most that many subtasks." +
                     std::string(kNothingStarted);
  } else if (other != nullptr) {
    // Only keys lie by it. If the other one is told to set it back, that will do.
    const bool is_told = pairs_.IsGivenAnotherMaximum(static_cast<size_t>(other - pairs_.now.data()));
    if (!HasKeyedState(stored_) || is_told) return;
    check_.problem = cannot + "that of operator \"" + other->name +
                     "\", with which it is chained. Call StartNewChain() on it, so that each keeps its own." +
                     std::string(kNothingStarted);
  } else if (pairs_.IsGivenAnotherMaximum(number_)) {
    check_.problem = cannot + std::to_string(now_.max_parallelism) +
                     ". It decides where each key's state lies and cannot be changed: set it back, or leave it unset." +
                     std::string(kNothingStarted);
  }
  if (!check_.problem.empty()) check_.verdict = RestoreVerdict::kIncompatible;
}

void OperatorComparison::CompareKey() {
  Schemas schemas;
  if (!HasKeyedState(stored_) || !DecodeBoth(stored_.key_schema, now_.key_schema, schemas)) return;
  StateCheck check{.kind = "key"};
  if (Status status = CheckKeySchemaUpgrade(what_, schemas.stored, schemas.now); !status.ok()) {
    Refuse(check, std::string(status.message()));
  } else {
    check.notes = PlanSchemaUpgrade(schemas.stored, schemas.now).changes;
  }
  check_.states.push_back(std::move(check));
}

void OperatorComparison::CompareKeyedState(const KeyedStateDescription& stored, const KeyedStateDescription& now,
                                           StateCheck& check) {
  const std::string what = what_ + ", state \"" + now.name + "\"";
  if (stored.kind != now.kind) {
    return Refuse(check, "cannot restore " + what + ": it was a " + KindName(stored.kind) +
                             " state in the snapshot and is now a " + KindName(now.kind) +
                             " state. Give the new one another name." + std::string(kNothingStarted));
  }
  const bool has_elements = now.kind == StateKind::kList || now.kind == StateKind::kMap;
  if (stored.ttl_ms == 0 && now.ttl_ms > 0 && !has_elements) {
    return Refuse(check, "cannot restore " + what +
                             ": it has a time to live now and had none in the snapshot, which does not say when values "
                             "were written. Give the new one another name." +
                             std::string(kNothingStarted));
  }
  if (stored.ttl_ms != now.ttl_ms) check.notes.push_back("its time to live has changed");
  Schemas schemas;
  const SchemaUse use = has_elements ? SchemaUse::kStateOfElements : SchemaUse::kValue;
  if (DecodeBoth(stored.schema, now.schema, schemas)) CompareSchemas(what, schemas, use, check);
}

void OperatorComparison::CompareKeyedStates() {
  for (const KeyedStateDescription& now : now_.states) {
    StateCheck check{.name = now.name, .kind = KindName(now.kind)};
    const auto stored = std::find_if(stored_.states.begin(), stored_.states.end(),
                                     [&](const KeyedStateDescription& state) { return state.name == now.name; });
    if (stored == stored_.states.end()) {
      check.verdict = RestoreVerdict::kNew;
    } else {
      CompareKeyedState(*stored, now, check);
    }
    check_.states.push_back(std::move(check));
  }
  for (const KeyedStateDescription& stored : stored_.states) {
    const bool is_declared = std::any_of(now_.states.begin(), now_.states.end(),
                                         [&](const KeyedStateDescription& state) { return state.name == stored.name; });
    if (is_declared) continue;
    check_.states.push_back({.name = stored.name, .kind = KindName(stored.kind), .verdict = RestoreVerdict::kDropped});
  }
}

void OperatorComparison::CompareOperatorStates() {
  std::set<std::string> seen;
  for (const OperatorSubtaskState& subtask : stored_.subtasks) {
    for (const ListStateHandle& list : subtask.lists) {
      // Lists without a schema are the operator's own (splits, committables), not a function's.
      if (list.schema.empty() || !seen.insert(list.name).second) continue;
      StateCheck check{.name = list.name, .kind = KindName(list.redistribution)};
      const auto now = std::find_if(now_.operator_states.begin(), now_.operator_states.end(),
                                    [&](const OperatorStateToRestore& state) { return state.name == list.name; });
      Schemas schemas;
      if (now == now_.operator_states.end()) {
        check.verdict = RestoreVerdict::kDropped;
      } else if (now->redistribution != list.redistribution) {
        Refuse(check, "cannot restore " + what_ + ", state \"" + list.name + "\": it was a " + check.kind +
                          " state in the snapshot and is now a " + KindName(now->redistribution) +
                          " state. Give the new one another name." + std::string(kNothingStarted));
      } else if (DecodeBoth(list.schema, now->schema, schemas)) {
        // The schema of a list is that of an element.
        const bool is_map = list.redistribution == Redistribution::kBroadcast;
        CompareSchemas(what_ + ", state \"" + list.name + "\"", schemas,
                       is_map ? SchemaUse::kStateOfElements : SchemaUse::kValue, check);
      }
      check_.states.push_back(std::move(check));
    }
  }
  for (const OperatorStateToRestore& now : now_.operator_states) {
    if (!seen.contains(now.name))
      check_.states.push_back(
          {.name = now.name, .kind = KindName(now.redistribution), .verdict = RestoreVerdict::kNew});
  }
}

OperatorCheck Homeless(const OperatorSnapshot& stored, bool allows_non_restored) {
  OperatorCheck check{.id = stored.id, .uid = stored.uid, .name = stored.name, .verdict = RestoreVerdict::kDropped};
  if (allows_non_restored) return check;
  check.verdict = RestoreVerdict::kIncompatible;
  check.problem = "the snapshot holds state of " + Quoted(stored.name, stored.uid, stored.id) +
                  ", which is not in the job. Give the operator the uid that it had, or leave the state behind with "
                  "--allowNonRestoredState." +
                  std::string(kNothingStarted);
  return check;
}

}  // namespace

const char* RestoreVerdictName(RestoreVerdict verdict) {
  static constexpr const char* kNames[] = {"same", "converts", "new", "dropped", "incompatible"};
  return kNames[static_cast<size_t>(verdict)];
}

bool RestoreCheck::compatible() const {
  return std::none_of(operators.begin(), operators.end(),
                      [](const OperatorCheck& op) { return op.verdict == RestoreVerdict::kIncompatible; });
}

RestoreCheck CheckRestore(const CheckpointMetadata& metadata, const std::vector<OperatorToRestore>& operators,
                          bool allows_non_restored) {
  RestoreCheck check;
  std::set<OperatorId> used;
  Pairs pairs{metadata, operators};
  for (const OperatorToRestore& now : operators) {
    const OperatorSnapshot* stored = now.restore_id == OperatorId() ? nullptr : metadata.Find(now.restore_id);
    pairs.stored.push_back(stored != nullptr ? stored : metadata.Find(now.id));
    if (pairs.stored.back() != nullptr) used.insert(pairs.stored.back()->id);
  }
  for (size_t i = 0; i < operators.size(); ++i) {
    const OperatorToRestore& now = operators[i];
    if (pairs.stored[i] == nullptr) {
      check.operators.push_back({.id = now.id, .uid = now.uid, .name = now.name, .verdict = RestoreVerdict::kNew});
    } else {
      check.operators.push_back(OperatorComparison(pairs, i).Compare());
    }
  }
  for (const OperatorSnapshot& stored : metadata.operators) {
    if (!used.contains(stored.id) && WouldBeMissed(stored))
      check.operators.push_back(Homeless(stored, allows_non_restored));
  }
  return check;
}

Status StatusOf(const RestoreCheck& check) {
  std::string first;
  int more = 0;
  const auto add = [&](const std::string& problem) {
    if (problem.empty()) return;
    if (first.empty()) {
      first = problem;
    } else {
      ++more;
    }
  };
  for (const OperatorCheck& op : check.operators) {
    add(op.problem);
    for (const StateCheck& state : op.states) add(state.problem);
  }
  if (first.empty()) return OkStatus();
  if (more > 0) first += " (" + std::to_string(more) + " more: weir check shows all)";
  return FailedPreconditionError(std::move(first));
}

}  // namespace weir
