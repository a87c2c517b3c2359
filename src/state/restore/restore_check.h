// Whether a job can start from a snapshot, said before anything is stopped or started: a verdict per operator and state, for the start itself, for
// `weir check` and for the REST API.
//
//   const RestoreCheck check = CheckRestore(metadata, operators, false);
//   WEIR_RETURN_IF_ERROR(StatusOf(check));          // at a start: the first problem as an error
//   std::cout << TableOf(check);                    // weir check; exit code 0 or 3 by check.compatible()
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "weir/base/ids.h"
#include "weir/base/status.h"
#include "weir/state/storage/checkpoint_metadata.h"

namespace weir {

// A list, union or broadcast state as the program declares it.
struct OperatorStateToRestore {
  std::string name = {};
  Redistribution redistribution = Redistribution::kSplit;
  std::string schema = {};  // Schema::Encode
};

// An operator of the job that is to start.
struct OperatorToRestore {
  OperatorId id = {};
  OperatorId restore_id = {};  // SetUidHash; zero: none
  std::string uid = {};
  std::string name = {};
  int parallelism = 1;
  int max_parallelism = 128;
  bool is_max_parallelism_derived = true;
  bool sets_max_parallelism = false;  // its program gave it to this operator; else to another of its chain, or to all
  int chain = -1;  // number of the chain in which it runs; operators of one have one maximum parallelism. -1: alone
  std::string key_schema = {};  // Schema::Encode; empty: not keyed
  std::vector<KeyedStateDescription> states = {};
  std::vector<OperatorStateToRestore> operator_states = {};
  // Schema::Encode of the records of each input gate of its vertex, or, where it stands behind another operator of its chain, of its only input.
  std::vector<std::string> gate_schemas = {};
};

enum class RestoreVerdict : uint8_t {
  kSame,          // the bytes are read as they are
  kConverts,      // values are converted while they are read
  kNew,           // the snapshot has nothing for it: it begins empty
  kDropped,       // the program does not declare it any more: it is left behind
  kIncompatible,  // cannot be restored
};
// "same", "converts", "new", "dropped", "incompatible".
const char* RestoreVerdictName(RestoreVerdict verdict);

struct StateCheck {
  std::string name = {};
  // "key", "value", "list", "map", "reducing", "aggregating", "split list", "union list", "broadcast", "in flight".
  std::string kind = {};
  RestoreVerdict verdict = RestoreVerdict::kSame;
  std::vector<std::string> notes = {};  // what differs: `field "gate" is new and gets its default`
  std::string problem = {};             // kIncompatible: what is wrong and what to do
};

struct OperatorCheck {
  OperatorId id = {};  // under which the snapshot has its state; of a new operator its own
  std::string uid = {};
  std::string name = {};
  RestoreVerdict verdict = RestoreVerdict::kSame;
  std::string problem = {};  // with the operator as a whole
  std::vector<StateCheck> states = {};
};

struct RestoreCheck {
  std::vector<OperatorCheck> operators = {};  // the job's in their order, then those that only the snapshot has

  bool compatible() const;
};

// `allows_non_restored`: state of operators that are not in the job may be left behind (--allowNonRestoredState).
RestoreCheck CheckRestore(const CheckpointMetadata& metadata, const std::vector<OperatorToRestore>& operators,
                          bool allows_non_restored);

// OK, or kFailedPrecondition with the first problem, what to do about it, and how many more there are.
Status StatusOf(const RestoreCheck& check);
// For a terminal: a line per operator and state, problems below them.
std::string TableOf(const RestoreCheck& check);
// {"compatible":true,"operators":[{"id":...,"uid":...,"name":...,"verdict":...,"problem":...,"states":[{"name":...,"kind":...,"verdict":...,"notes":[...]}]}]}
std::string JsonOf(const RestoreCheck& check);

}  // namespace weir
