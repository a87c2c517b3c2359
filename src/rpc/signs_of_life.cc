#include "weir/rpc/signs_of_life.h"

#include <algorithm>

namespace weir {
namespace {

int64_t Nanos(Duration time) { return std::chrono::nanoseconds(time).count(); }

}  // namespace

LifeCheck CheckLife(const SignsOfLife& signs, int64_t now, int64_t heard, int64_t spoken) {
  const int64_t until_lost = heard + Nanos(signs.lost_after) - now;
  if (until_lost <= 0) return {.is_lost = true};
  int64_t until_speaking = spoken + Nanos(signs.speak_after) - now;
  const bool speaks = until_speaking <= 0;
  if (speaks) until_speaking = Nanos(signs.speak_after);
  return {.speaks = speaks, .look_again_in = std::chrono::nanoseconds(std::min(until_lost, until_speaking))};
}

}  // namespace weir
