#include "weir/functions/window/window_timers.h"

#include <algorithm>

#include "weir/base/coding.h"
#include "weir/types/schema_of.h"

namespace weir::internal {

namespace {

void Register(TimerService& timers, TimeDomain domain, EventTime time) {
  if (domain == TimeDomain::kEvent) {
    timers.RegisterEventTime(FromEventTime(time));
  } else {
    timers.RegisterProcessingTime(FromEventTime(time));
  }
}

void Delete(TimerService& timers, TimeDomain domain, EventTime time) {
  if (domain == TimeDomain::kEvent) {
    timers.DeleteEventTime(FromEventTime(time));
  } else {
    timers.DeleteProcessingTime(FromEventTime(time));
  }
}

}  // namespace

WindowTimerList::WindowTimerList(const WindowTimerList& other) : first_(other.first_), has_first_(other.has_first_) {
  if (other.more_ != nullptr) more_ = std::make_unique<std::vector<Timer>>(*other.more_);
}

WindowTimerList& WindowTimerList::operator=(const WindowTimerList& other) { return *this = WindowTimerList(other); }

bool WindowTimerList::Has(const Timer& timer) const {
  if (has_first_ && first_ == timer) return true;
  return more_ != nullptr && std::find(more_->begin(), more_->end(), timer) != more_->end();
}

void WindowTimerList::AddAnother(const Timer& timer) {
  if (Has(timer)) return;
  if (more_ == nullptr) more_ = std::make_unique<std::vector<Timer>>();
  more_->push_back(timer);
}

void WindowTimerList::Remove(const Timer& timer) {
  if (!has_first_) return;
  if (first_ == timer) {
    if (more_ == nullptr) return Clear();
    first_ = more_->back();
    more_->pop_back();
  } else if (more_ != nullptr) {
    std::erase(*more_, timer);
  }
  if (more_ != nullptr && more_->empty()) more_.reset();
}

EventTime WindowTimerList::EarliestOfAll(TimeDomain domain) const {
  EventTime earliest = first_.domain == domain ? first_.time : kNoTimer;
  for (const Timer& timer : *more_) {
    if (timer.domain == domain) earliest = std::min(earliest, timer.time);
  }
  return earliest;
}

void WindowTimerList::Write(ByteWriter& out) const {
  const auto write = [&out](const Timer& timer) {
    out.PutU8(static_cast<uint8_t>(timer.domain));
    out.PutI64(timer.time);
  };
  out.PutU32(static_cast<uint32_t>((has_first_ ? 1 : 0) + (more_ != nullptr ? more_->size() : 0)));
  if (has_first_) write(first_);
  if (more_ != nullptr) std::for_each(more_->begin(), more_->end(), write);
}

void WindowTimerList::Read(ByteReader& in) {
  Clear();
  const uint32_t count = in.GetU32();
  for (uint32_t i = 0; i < count && in.ok(); ++i) {
    const uint8_t domain = in.GetU8();
    const EventTime time = in.GetI64();
    if (domain > static_cast<uint8_t>(TimeDomain::kProcessing)) return in.Reject();
    if (in.ok()) Add({time, static_cast<TimeDomain>(domain)});
  }
}

const Schema& WindowTimerList::StoredSchema() {
  static const Schema schema(TypeKind::kList, {Schema(TypeKind::kTuple, {SchemaOf<uint8_t>(), SchemaOf<Timestamp>()})});
  return schema;
}

void KeyAlarm::Set(TimeDomain domain, EventTime time, TimerService& timers) {
  EventTime& at = times[static_cast<int>(domain)];
  if (at != kNoTimer) Delete(timers, domain, at);
  Register(timers, domain, time);
  at = time;
}

void KeyAlarm::Stop(TimerService& timers) {
  for (const TimeDomain domain : {TimeDomain::kEvent, TimeDomain::kProcessing}) {
    EventTime& at = times[static_cast<int>(domain)];
    if (at != kNoTimer) Delete(timers, domain, at);
    at = kNoTimer;
  }
}

}  // namespace weir::internal
