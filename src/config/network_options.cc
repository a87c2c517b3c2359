#include "weir/config/network_options.h"

namespace weir {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

namespace {
constexpr OptionLimits<int> kAnyPort = {.at_least = 0, .at_most = 65535};
}  // namespace

const ConfigOption<std::string> kTaskManagerBindHost{
    {.key = "taskmanager.bind-host",
     .doc = "The address that a TaskManager's data port listens on. One that other machines reach, such as 0.0.0.0, "
            "needs security.secret-file; a cluster of several machines needs such an address."},
    "localhost"};

const ConfigOption<int> kDataPort{
    {.key = "taskmanager.data.port",
     .doc = "The port under which other TaskManagers reach this one's data port. 0: the one that it listens on."},
    0,
    kAnyPort};

const ConfigOption<int> kDataBindPort{
    {.key = "taskmanager.data.bind-port",
     .doc = "The port that a TaskManager's data port listens on. Not set: taskmanager.data.port; 0: a free one."}};

const ConfigOption<MemorySize> kSegmentSize{
    {.key = "taskmanager.memory.segment-size",
     .doc = "The size of a network buffer: the unit of the two options about buffers below."},
    MemorySize::KiB(32),
    {.at_least = MemorySize::KiB(4)}};

const ConfigOption<double> kNetworkMemoryFraction{
    {.key = "taskmanager.memory.network.fraction",
     .doc =
         "The share of taskmanager.memory.process.size for network buffers, within the two limits below. A task whose "
         "channels to other workers would need more than is left does not start. If neither these three nor "
         "taskmanager.memory.process.size are set there is no limit.",
     .deprecated_keys = {"taskmanager.network.memory.fraction"}},
    0.1,
    {.at_least = 0.01, .at_most = 0.9}};

const ConfigOption<MemorySize> kNetworkMemoryMin{{.key = "taskmanager.memory.network.min",
                                                  .doc = "Network buffers may take so much, whatever the share is.",
                                                  .deprecated_keys = {"taskmanager.network.memory.min"}},
                                                 MemorySize::MiB(64)};

const ConfigOption<MemorySize> kNetworkMemoryMax{
    {.key = "taskmanager.memory.network.max",
     .doc = "Network buffers may take no more, whatever the share is. Not set: taskmanager.memory.process.size.",
     .deprecated_keys = {"taskmanager.network.memory.max"}}};

const ConfigOption<int> kBuffersPerChannel{
    {.key = "taskmanager.network.memory.buffers-per-channel",
     .doc = "How much each channel from another worker may have on its way: so many buffers are its own."},
    2,
    {.at_least = 1}};

const ConfigOption<int> kFloatingBuffersPerGate{
    {.key = "taskmanager.network.memory.floating-buffers-per-gate",
     .doc = "Buffers that the channels of one input share; they go to channels whose producers have more to send."},
    8,
    {.at_least = 0}};

const ConfigOption<bool> kBufferDebloat{
    {.key = "taskmanager.network.memory.buffer-debloat.enabled",
     .doc = "Lets as much be on its way to an input as its task takes in the target time, and no more, so that "
            "barriers do not wait behind much data. Fast inputs are not limited by it."},
    true};

const ConfigOption<Duration> kBufferDebloatTarget{
    {.key = "taskmanager.network.memory.buffer-debloat.target",
     .doc = "For how long the data on its way to an input should keep its task busy."},
    1s,
    {.at_least = 1ms}};

const ConfigOption<Duration> kBufferDebloatPeriod{{.key = "taskmanager.network.memory.buffer-debloat.period",
                                                   .doc = "How often an input's speed is measured for that."},
                                                  200ms,
                                                  {.at_least = 1ms}};

const ConfigOption<bool> kPayloadChecksum{
    {.key = "taskmanager.network.payload-checksum",
     .doc = "Batches between workers carry a checksum of their own, besides TCP's. Costs as much as encoding them."},
    false};

const ConfigOption<Duration> kRequestBackoffMax{
    {.key = "taskmanager.network.request-backoff.max",
     .doc = "How long the data port of another TaskManager may be out of reach before the tasks that need it fail."},
    10s,
    {.at_least = 1ms}};

const ConfigOption<LoadBalanceMode> kLoadBalanceMode{
    {.key = "taskmanager.load-balance.mode",
     .doc = "Which slots a job gets. NONE: it fills one TaskManager before the next, so that records go short ways. "
            "SLOTS, TASKS: it takes the TaskManager with the smallest share of used slots each time. TOGETHER: all on "
            "one TaskManager, and it waits until one has enough."},
    LoadBalanceMode::kNone};

const ConfigOption<bool> kEvenlySpreadOutSlots{
    {.key = "cluster.evenly-spread-out-slots",
     .doc = "The older way to say taskmanager.load-balance.mode: SLOTS, which goes before it."},
    false};

}  // namespace weir
