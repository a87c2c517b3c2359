#include "weir/config/worker_options.h"

namespace weir {

const ConfigOption<TextMap> kWorkerLimits{{.key = "taskmanager.worker.limits",
                                           .doc = "What the kernel lets the process of a job use: core, nofile, nproc, "
                                                  "cpu, fsize, data, as, stack, memlock, each a "
                                                  "number of bytes, files, processes or seconds, or unlimited."},
                                          TextMap{{"core", "0"}}};

}  // namespace weir
