#include "weir/jobmanager/scheduler/scheduler_options.h"

namespace weir {

using std::chrono_literals::operator""min;
using std::chrono_literals::operator""ms;

const ConfigOption<Duration> kSlotRequestTimeout{{.key = "slot.request.timeout",
                                                  .doc = "How long a job waits for its slots before that counts as a "
                                                         "failure. The cluster may gain TaskManagers meanwhile."},
                                                 5min,
                                                 {.at_least = 1ms}};

}  // namespace weir
