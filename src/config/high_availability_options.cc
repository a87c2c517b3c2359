#include "weir/config/high_availability_options.h"

namespace weir {

using std::chrono_literals::operator""min;
using std::chrono_literals::operator""ms;

const ConfigOption<HighAvailabilityType> kHighAvailability{
    {.key = "high-availability.type",
     .doc = "Whether jobs go on when their JobManager has ended and another one starts: filesystem keeps them in "
            "high-availability.storageDir, NONE forgets them.",
     .deprecated_keys = {"high-availability", "high-availability.mode"}},
    HighAvailabilityType::kFilesystem};

const ConfigOption<std::string> kHighAvailabilityDir{
    {.key = "high-availability.storageDir",
     .doc = "Where the JobManager keeps its jobs and their results. Not set: below io.tmp.dirs, which survives a crash "
            "of the process, and a restart of the machine only where that folder does.",
     .deprecated_keys = {"high-availability.zookeeper.storageDir", "recovery.zookeeper.storageDir"}}};

const ConfigOption<std::string> kHighAvailabilityCluster{
    {.key = "high-availability.cluster-id",
     .doc = "The folder of this cluster below high-availability.storageDir: clusters that share that need one each.",
     .deprecated_keys = {"high-availability.zookeeper.path.namespace"}},
    "default"};

const ConfigOption<Duration> kRegistrationTimeout{
    {.key = "taskmanager.registration.timeout",
     .doc = "How long the tasks of a TaskManager without a JobManager go on before they are cancelled. The TaskManager "
            "itself goes on looking for one."},
    5min,
    {.at_least = 0ms}};

}  // namespace weir
