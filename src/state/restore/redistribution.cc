#include "weir/state/restore/redistribution.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "weir/base/check.h"

namespace weir {

namespace {

KeyGroupRange Intersection(const KeyGroupRange& a, const KeyGroupRange& b) {
  return {std::max(a.first, b.first), std::min(a.last, b.last)};
}

void AssignKeyed(const OperatorSnapshot& stored, std::vector<OperatorSubtaskState>& subtasks) {
  for (OperatorSubtaskState& subtask : subtasks) {
    for (const OperatorSubtaskState& from : stored.subtasks) {
      for (const KeyedStateHandle& written : from.keyed) {
        const KeyGroupRange range = Intersection(written.key_groups, subtask.key_groups);
        if (range.size() <= 0) continue;
        subtask.keyed.push_back(written);
        subtask.keyed.back().key_groups = range;
      }
    }
  }
}

// The handles of every split list, by name, in the order of the subtasks that wrote them.
using ListsByName = std::map<std::string, std::vector<const ListStateHandle*>>;

// Deals out the elements of one list in runs, beginning with subtask `start`; returns where the next list is to begin, so that the subtasks that got
// one element more of this list are the last to get one more of the next.
size_t DealOut(const std::vector<const ListStateHandle*>& handles, size_t start,
               std::vector<OperatorSubtaskState>& subtasks) {
  uint64_t total = 0;
  for (const ListStateHandle* handle : handles) total += handle->count;
  const uint64_t longer = total % subtasks.size();  // that many get one more
  auto handle = handles.begin();
  uint32_t taken = 0;  // elements of *handle
  for (size_t i = 0; i < subtasks.size(); ++i) {
    std::vector<ListStateHandle>& lists = subtasks[(start + i) % subtasks.size()].lists;
    for (uint64_t wanted = total / subtasks.size() + (i < longer ? 1 : 0); wanted > 0;) {
      if (taken == (*handle)->count) {
        ++handle;
        taken = 0;
        continue;
      }
      ListStateHandle run = **handle;
      run.first += taken;
      run.count = static_cast<uint32_t>(std::min<uint64_t>(wanted, run.count - taken));
      taken += run.count;
      wanted -= run.count;
      lists.push_back(std::move(run));
    }
  }
  return (start + longer) % subtasks.size();
}

void AssignSplitLists(const OperatorSnapshot& stored, bool as_it_was, std::vector<OperatorSubtaskState>& subtasks) {
  ListsByName by_name;
  for (const OperatorSubtaskState& from : stored.subtasks) {
    for (const ListStateHandle& list : from.lists) {
      if (list.redistribution != Redistribution::kSplit) continue;
      if (as_it_was) {
        subtasks[static_cast<size_t>(from.subtask_index)].lists.push_back(list);
      } else {
        by_name[list.name].push_back(&list);
      }
    }
  }
  size_t start = 0;
  for (const auto& [name, handles] : by_name) start = DealOut(handles, start, subtasks);
}

void AssignUnionLists(const OperatorSnapshot& stored, std::vector<OperatorSubtaskState>& subtasks) {
  for (const OperatorSubtaskState& from : stored.subtasks) {
    for (const ListStateHandle& list : from.lists) {
      if (list.redistribution != Redistribution::kUnion) continue;
      for (OperatorSubtaskState& subtask : subtasks) subtask.lists.push_back(list);
    }
  }
}

void AssignBroadcast(const OperatorSnapshot& stored, std::vector<OperatorSubtaskState>& subtasks) {
  // Of subtasks that had finished, or have nothing for another reason, nothing can be copied: only the others count.
  std::vector<const OperatorSubtaskState*> holders;
  for (const OperatorSubtaskState& from : stored.subtasks) {
    const bool holds = std::any_of(from.lists.begin(), from.lists.end(), [](const ListStateHandle& list) {
      return list.redistribution == Redistribution::kBroadcast;
    });
    if (holds) holders.push_back(&from);
  }
  if (holders.empty()) return;
  for (size_t i = 0; i < subtasks.size(); ++i) {
    for (const ListStateHandle& list : holders[i % holders.size()]->lists) {
      if (list.redistribution == Redistribution::kBroadcast) subtasks[i].lists.push_back(list);
    }
  }
}

}  // namespace

bool IsFullyFinished(const OperatorSnapshot& stored) {
  return static_cast<int>(stored.subtasks.size()) == stored.parallelism &&
         std::all_of(stored.subtasks.begin(), stored.subtasks.end(),
                     [](const OperatorSubtaskState& subtask) { return subtask.is_finished; });
}

std::vector<OperatorSubtaskState> Redistribute(const OperatorSnapshot& stored, const OperatorId& now, int parallelism) {
  WEIR_CHECK(parallelism >= 1 && parallelism <= stored.max_parallelism) << parallelism;
  const bool is_keyed = std::any_of(stored.subtasks.begin(), stored.subtasks.end(),
                                    [](const OperatorSubtaskState& from) { return from.key_groups.size() > 0; });
  std::vector<OperatorSubtaskState> subtasks(static_cast<size_t>(parallelism));
  for (int i = 0; i < parallelism; ++i) {
    subtasks[i].operator_id = now;
    subtasks[i].subtask_index = i;
    if (is_keyed) subtasks[i].key_groups = KeyGroupRangeOf(i, parallelism, stored.max_parallelism);
  }
  const bool some_finished = std::any_of(stored.subtasks.begin(), stored.subtasks.end(),
                                         [](const OperatorSubtaskState& from) { return from.is_finished; });
  const bool same = parallelism == stored.parallelism;
  AssignKeyed(stored, subtasks);
  // What a subtask that had finished would have done is shared out anew.
  AssignSplitLists(stored, same && !some_finished, subtasks);
  AssignUnionLists(stored, subtasks);
  AssignBroadcast(stored, subtasks);
  if (!same) return subtasks;
  for (const OperatorSubtaskState& from : stored.subtasks)
    subtasks[static_cast<size_t>(from.subtask_index)].channels = from.channels;
  if (IsFullyFinished(stored)) {
    for (OperatorSubtaskState& subtask : subtasks) subtask.is_finished = true;
  }
  return subtasks;
}

}  // namespace weir
