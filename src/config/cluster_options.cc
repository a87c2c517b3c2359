#include "weir/config/cluster_options.h"

namespace weir {

using std::chrono_literals::operator""min;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

namespace {
constexpr int kMostSlots = 32768;  // the largest parallelism of a job
constexpr OptionLimits<int> kAnyPort = {.at_least = 0, .at_most = 65535};
// A process that has less cannot hold its network buffers.
constexpr OptionLimits<MemorySize> kUsableMemory = {.at_least = MemorySize::MiB(64)};
}  // namespace

const ConfigOption<Duration> kClientTimeout{
    {.key = "client.timeout",
     .doc = "How long the command line waits for an answer of the JobManager, and for the plan of a program."},
    1min,
    {.at_least = 1ms}};

const ConfigOption<std::string> kJobManagerAddress{
    {.key = "jobmanager.rpc.address", .doc = "The host on which TaskManagers find the JobManager."}, "localhost"};

const ConfigOption<int> kJobManagerPort{
    {.key = "jobmanager.rpc.port", .doc = "The JobManager's port for TaskManagers."}, 6123, kAnyPort};

const ConfigOption<std::string> kJobManagerBindHost{
    {.key = "jobmanager.bind-host",
     .doc = "The address that the JobManager listens on. One that other machines reach, such as 0.0.0.0, needs "
            "security.secret-file."},
    "localhost"};

const ConfigOption<std::string> kSecretFile{
    {.key = "security.secret-file",
     .doc =
         "A file whose content authenticates clients and TaskManagers. Not set: the file secret beside config.yaml, "
         "which the scripts make, if it is there. Only its owner may read it (mode 0600). Every machine of the cluster "
         "needs the same."}};

const ConfigOption<std::string> kJobUser{
    {.key = "security.job-user",
     .doc =
         "The user as whom programs of jobs run, if the daemons run as root, who alone may start others. Not set: the "
         "user of the daemons."}};

const ConfigOption<std::string> kArtifactDir{{.key = "blob.storage.directory",
                                              .doc = "Where the JobManager keeps the executables of jobs. Not set: "
                                                     "with its jobs in high-availability.storageDir if "
                                                     "that is set, else below io.tmp.dirs."}};

const ConfigOption<std::string> kTaskManagerId{
    {.key = "taskmanager.resource-id",
     .doc = "The name of a TaskManager, which no other one has. Not set: made of host, number and chance."}};

const ConfigOption<MemorySize> kJobManagerMemory{
    {.key = "jobmanager.memory.process.size",
     .doc = "All memory of the JobManager and of the processes that it starts: coordinators, and programs while they "
            "plan. If it is set, and the kernel lets the JobManager make control groups, the kernel kills what wants "
            "more; where it does not, the log says so at the start. Not set: no limit.",
     .deprecated_keys = {"jobmanager.memory.flink.size", "jobmanager.heap.size"}},
    MemorySize::MiB(1600),
    kUsableMemory};

const ConfigOption<int> kTaskSlots{{.key = "taskmanager.numberOfTaskSlots",
                                    .doc = "Slots of a TaskManager: the parallel pipelines that it runs at a time."},
                                   1,
                                   {.at_least = 1, .at_most = kMostSlots}};

const ConfigOption<std::string> kTaskManagerHost{
    {.key = "taskmanager.host",
     .doc = "The host under which others reach this TaskManager. Not "
            "set: the address by which it reaches the JobManager, or its name where that is not known."}};

const ConfigOption<MemorySize> kTaskManagerMemory{
    {.key = "taskmanager.memory.process.size",
     .doc =
         "All memory of a TaskManager's workers. Each slot has an equal share, and a job's worker those of its slots. "
         "If "
         "it is set, and the kernel lets the TaskManager make control groups, a worker that wants more is killed, and "
         "its job told why.",
     .deprecated_keys = {"taskmanager.memory.flink.size", "taskmanager.heap.size"}},
    MemorySize::MiB(1728),
    kUsableMemory};

const ConfigOption<Duration> kTaskCancellationInterval{
    {.key = "task.cancellation.interval",
     .doc = "Flink's interval between interrupts of a task that is being cancelled. A task of Weir is asked once, in "
            "its mailbox.",
     .status = OptionStatus::kNeedless},
    30s,
    {.at_least = 0ms}};

const ConfigOption<Duration> kTaskCancellationTimeout{
    {.key = "task.cancellation.timeout",
     .doc = "How long a task that is being cancelled may take before its process is killed. 0: for ever."},
    3min,
    {.at_least = 0ms}};

const ConfigOption<Duration> kHeartbeatInterval{
    {.key = "heartbeat.interval", .doc = "Time between two signs of life."}, 3s, {.at_least = 1ms}};

const ConfigOption<Duration> kHeartbeatTimeout{
    {.key = "heartbeat.timeout",
     .doc = "A process silent for this long counts as lost. A process that dies is noticed at once, without it."},
    10s,
    {.at_least = 1ms}};

const ConfigOption<std::vector<std::string>> kTemporaryDirs{
    {.key = "io.tmp.dirs", .doc = "Folders for local state and spilled data. Not set: the system's temporary folder."}};

}  // namespace weir
