#include "weir/state/timers/pending_timers.h"

#include <algorithm>
#include <memory>

#include "weir/base/coding.h"
#include "weir/types/schema/schema.h"

namespace weir {

namespace {

PendingTimers& At(void* slot) { return *static_cast<PendingTimers*>(slot); }

// u32 count of event times, u32 count of processing times, then the times.
const Schema& TimersSchema() {
  static const Schema schema = Schema::Custom("weir.timers", 1);
  return schema;
}

}  // namespace

void PendingTimers::Construct(void* slot, TimeDomain domain, int64_t time) {
  At(slot).time_ = time;
  At(slot).more_ = kSingle | static_cast<uintptr_t>(domain) << 1;
}

bool PendingTimers::Has(TimeDomain domain, int64_t time) const {
  if (IsSingle()) return time_ == time && single_domain() == domain;
  const std::vector<int64_t>& times = lists()->times[static_cast<int>(domain)];
  return std::find(times.begin(), times.end(), time) != times.end();
}

bool PendingTimers::Add(TimeDomain domain, int64_t time) {
  if (Has(domain, time)) return false;
  if (IsSingle()) {
    Lists* const lists = new Lists;
    lists->times[static_cast<int>(single_domain())].push_back(time_);
    more_ = reinterpret_cast<uintptr_t>(lists);
  }
  lists()->times[static_cast<int>(domain)].push_back(time);
  return true;
}

bool PendingTimers::Remove(TimeDomain domain, int64_t time) {
  if (IsSingle()) return false;
  std::vector<int64_t>& times = lists()->times[static_cast<int>(domain)];
  const auto found = std::find(times.begin(), times.end(), time);
  if (found == times.end()) return false;
  *found = times.back();
  times.pop_back();
  return true;
}

bool PendingTimers::IsOnly(TimeDomain domain, int64_t time) const { return size() == 1 && Has(domain, time); }

uint32_t PendingTimers::size() const {
  return IsSingle() ? 1 : static_cast<uint32_t>(lists()->times[0].size() + lists()->times[1].size());
}

void PendingTimers::Destroy(void* slot) {
  if (!At(slot).IsSingle()) delete At(slot).lists();
}

void PendingTimers::Copy(const void* from, void* to) {
  At(to) = *static_cast<const PendingTimers*>(from);
  if (!At(to).IsSingle()) At(to).more_ = reinterpret_cast<uintptr_t>(new Lists(*At(to).lists()));
}

void PendingTimers::Encode(const void* slot, ByteWriter& out) {
  const PendingTimers& timers = *static_cast<const PendingTimers*>(slot);
  uint32_t counts[2] = {0, 0};
  timers.ForEach([&counts](TimeDomain domain, int64_t) { ++counts[static_cast<int>(domain)]; });
  out.PutU32(counts[0]);
  out.PutU32(counts[1]);
  timers.ForEach([&out](TimeDomain, int64_t time) { out.PutI64(time); });
}

Status PendingTimers::Decode(ByteReader& in, void* slot) {
  auto lists = std::make_unique<Lists>();
  const uint32_t counts[2] = {in.GetU32(), in.GetU32()};
  for (int domain = 0; domain < 2; ++domain) {
    for (uint32_t i = 0; i < counts[domain] && in.ok(); ++i) lists->times[domain].push_back(in.GetI64());
  }
  if (in.ok() && lists->times[0].empty() && lists->times[1].empty()) in.Reject();
  WEIR_RETURN_IF_ERROR(in.status());
  At(slot).more_ = reinterpret_cast<uintptr_t>(lists.release());
  return OkStatus();
}

const ValueOps* PendingTimers::Ops() {
  static constexpr ValueOps kOps{
      sizeof(PendingTimers), alignof(PendingTimers), false, &Destroy, &Copy, &Encode, &Decode, &TimersSchema};
  return &kOps;
}

}  // namespace weir
