// When one end of a stream speaks so that the other knows that it lives, and when it takes the other for lost.
#pragma once

#include <chrono>
#include <cstdint>

#include "weir/base/time.h"

namespace weir {

struct SignsOfLife {
  // Who has sent no sign of life for so long sends one.
  Duration speak_after{};
  // Who has heard nothing for so long takes the other for lost.
  Duration lost_after{};
};

struct LifeCheck {
  bool is_lost = false;
  bool speaks = false;  // a sign of life is due
  // When to look again, if nothing is lost: nothing is due before, however often the other speaks in between. An idle cluster costs what its wakings cost.
  std::chrono::nanoseconds look_again_in{};
};

// All of a monotonic clock, in nanoseconds: now, when anything was heard last, and when this side's last sign of life was sent.
LifeCheck CheckLife(const SignsOfLife& signs, int64_t now, int64_t heard, int64_t spoken);

}  // namespace weir
