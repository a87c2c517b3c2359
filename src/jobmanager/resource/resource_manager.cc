#include "weir/jobmanager/resource/resource_manager.h"

#include <algorithm>
#include <set>
#include <utility>

#include "weir/rpc/job_master_gateway.h"
#include "weir/rpc/task_executor_gateway.h"

namespace weir {
namespace {

bool IsFree(const SlotStatus& slot) { return slot.allocation_id == AllocationId(); }

FreeSlots FreeSlotsOf(const std::vector<SlotStatus>& slots) {
  FreeSlots free{.total = static_cast<int32_t>(slots.size())};
  for (const SlotStatus& slot : slots) {
    if (IsFree(slot)) free.free.push_back(slot.slot);
  }
  return free;
}

SlotStatus* FindSlot(std::vector<SlotStatus>& slots, int32_t number) {
  const auto found = std::ranges::find(slots, number, &SlotStatus::slot);
  return found == slots.end() ? nullptr : &*found;
}

}  // namespace

void ResourceManager::RegisterTaskExecutor(TaskExecutorRegistration registration,
                                           std::shared_ptr<TaskExecutorGateway> gateway) {
  task_managers_[registration.task_manager] = {
      .gateway = std::move(gateway), .slots = std::move(registration.slots), .hardware = registration.hardware};
  Match();
}

void ResourceManager::RequestTaskManagers(Reply<std::vector<TaskManagerOverview>> reply) {
  std::vector<TaskManagerOverview> all;
  for (const auto& [id, task_manager] : task_managers_) all.push_back({id, task_manager.hardware, task_manager.slots});
  reply(std::move(all));
}

void ResourceManager::AskTaskManager(TaskManagerId id, TaskManagerQuestion question, Reply<std::string> reply) {
  const auto found = task_managers_.find(id);
  if (found == task_managers_.end())
    return reply(NotFoundError("Could not find TaskManager with id " + id.value() + "."));
  found->second.gateway->Ask(std::move(question), std::move(reply));
}

void ResourceManager::DisconnectTaskExecutor(TaskManagerId task_manager, Status cause) {
  const auto found = task_managers_.find(task_manager);
  if (found == task_managers_.end()) {
    ++stale_messages_;
    return;
  }
  std::set<JobId> losers;
  for (const SlotStatus& slot : found->second.slots) {
    if (!IsFree(slot)) losers.insert(slot.job_id);
  }
  task_managers_.erase(found);
  // In the jobs' order, not the set's: ids are random, and a simulation must repeat.
  for (const Job& job : jobs_) {
    if (losers.contains(job.header.job_id)) job.gateway->TaskExecutorLost(job.header, task_manager, cause);
  }
  Match();
}

void ResourceManager::DeclareRequirements(RequirementsDeclaration declaration,
                                          std::shared_ptr<JobMasterGateway> gateway) {
  if (declaration.header.leader != options_.leader) {
    ++stale_messages_;
    return;
  }
  const auto is_declared = [&](const Job& job) { return job.header.job_id == declaration.header.job_id; };
  auto job = std::ranges::find_if(jobs_, is_declared);
  if (declaration.slots == 0) {
    if (job != jobs_.end()) jobs_.erase(job);
  } else if (job == jobs_.end()) {
    jobs_.push_back({.header = declaration.header, .slots = declaration.slots, .gateway = std::move(gateway)});
  } else {
    *job = {.header = declaration.header, .slots = declaration.slots, .gateway = std::move(gateway)};
  }
  Match();
}

void ResourceManager::NotifySlotFree(TaskManagerId task_manager, SlotStatus freed) {
  const auto found = task_managers_.find(task_manager);
  SlotStatus* slot = found == task_managers_.end() ? nullptr : FindSlot(found->second.slots, freed.slot);
  if (slot == nullptr || slot->allocation_id != freed.allocation_id) {
    ++stale_messages_;
    return;
  }
  *slot = {.slot = freed.slot};
  Match();
}

SlotCounts ResourceManager::CountSlots() const {
  SlotCounts counts{.task_managers = static_cast<int32_t>(task_managers_.size())};
  for (const auto& [id, task_manager] : task_managers_) {
    counts.total += static_cast<int32_t>(task_manager.slots.size());
    counts.free += static_cast<int32_t>(std::ranges::count_if(task_manager.slots, IsFree));
  }
  return counts;
}

int32_t ResourceManager::CountSlotsOf(JobId job_id) const {
  int64_t count = 0;
  for (const auto& [id, task_manager] : task_managers_) {
    count += std::ranges::count_if(task_manager.slots,
                                   [&](const SlotStatus& slot) { return !IsFree(slot) && slot.job_id == job_id; });
  }
  return static_cast<int32_t>(count);
}

int32_t ResourceManager::HolderOf(JobId job_id, const std::vector<TaskManager*>& candidates) {
  const auto holds = [&](const TaskManager* candidate) {
    return std::ranges::any_of(candidate->slots,
                               [&](const SlotStatus& slot) { return !IsFree(slot) && slot.job_id == job_id; });
  };
  const auto found = std::ranges::find_if(candidates, holds);
  return found == candidates.end() ? -1 : static_cast<int32_t>(found - candidates.begin());
}

void ResourceManager::Match() {
  std::vector<SlotNeed> needs;
  for (const Job& job : jobs_) needs.push_back({.missing = std::max(0, job.slots - CountSlotsOf(job.header.job_id))});
  std::vector<FreeSlots> free;
  std::vector<TaskManager*> candidates;
  for (auto& [id, task_manager] : task_managers_) {
    free.push_back(FreeSlotsOf(task_manager.slots));
    candidates.push_back(&task_manager);
  }
  for (size_t i = 0; i < jobs_.size(); ++i) needs[i].held_at = HolderOf(jobs_[i].header.job_id, candidates);
  for (const SlotMatch& match : MatchSlots(needs, std::move(free), options_.spread)) {
    Give(*candidates[match.task_manager], match.slot, jobs_[match.need]);
    needs[match.need].missing = 0;
  }
  const SlotCounts counts = CountSlots();
  for (size_t i = 0; i < jobs_.size(); ++i) {
    if (needs[i].missing == 0) continue;
    jobs_[i].gateway->NotifySlotShortage(
        {.header = jobs_[i].header, .missing = needs[i].missing, .free = counts.free, .total = counts.total});
  }
}

void ResourceManager::Give(TaskManager& task_manager, int32_t slot, const Job& job) {
  const AllocationId allocation = AllocationId::Random(*options_.random);
  *FindSlot(task_manager.slots, slot) = {.slot = slot, .job_id = job.header.job_id, .allocation_id = allocation};
  task_manager.gateway->RequestSlot({.header = job.header, .allocation_id = allocation, .slot = slot});
}

}  // namespace weir
