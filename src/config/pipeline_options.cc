#include "weir/config/pipeline_options.h"

namespace weir {

using std::chrono_literals::operator""ms;

const ConfigOption<std::string> kFixedJobId{{.key = "$internal.pipeline.job-id",
                                             .doc = "The id of the program's first job on a cluster, 32 hexadecimal "
                                                    "digits. Not set: a new one. `weir run --job-id` "
                                                    "sets it."}};

const ConfigOption<bool> kIsDetached{
    {.key = "$internal.execution.detached",
     .doc = "Whether the program that submitted the job has gone on without it. `weir run -d` sets it."},
    false};

const ConfigOption<int> kParallelism{
    {.key = "parallelism.default",
     .doc = "Parallel subtasks of an operator for which the program sets no number. The command line's `-p` sets it "
            "too."},
    1,
    {.at_least = 1, .at_most = 32768}};

const ConfigOption<int> kMaxParallelism{
    {.key = "pipeline.max-parallelism",
     .doc = "The number of key groups, which is the most subtasks that a keyed operator can ever be rescaled to. "
            "Fixed for the life of a job's state. -1: derived from the parallelism, 128 to 32768."},
    -1,
    {.at_least = -1, .at_most = 32768}};

const ConfigOption<std::string> kJobName{
    {.key = "pipeline.name", .doc = "The job's name where the program gives none."}};

const ConfigOption<Duration> kAutoWatermarkInterval{
    {.key = "pipeline.auto-watermark-interval",
     .doc = "How often a watermark generator of one's own that is periodic is asked for a watermark. The built-in "
            "strategies emit one with each batch and need no interval. 0: never."},
    200ms,
    {.at_least = 0ms}};

const ConfigOption<bool> kOperatorChaining{
    {.key = "pipeline.operator-chaining.enabled",
     .doc = "Whether operators joined by a forward edge run in one task, handing batches over by call. Off helps to "
            "find the operator that is slow.",
     .deprecated_keys = {"pipeline.operator-chaining"}},
    true};

const ConfigOption<bool> kAutoGenerateUids{
    {.key = "pipeline.auto-generate-uids",
     .doc = "Whether operators without a uid get one from the shape of the graph. false makes a missing uid an error, "
            "which guards a job whose state must survive a change of its graph."},
    true};

const ConfigOption<bool> kObjectReuse{
    {.key = "pipeline.object-reuse",
     .doc = "Flink's switch for handing records over without a copy between chained functions. Weir hands over "
            "batches and never copies.",
     .status = OptionStatus::kNeedless},
    false};

const ConfigOption<RuntimeMode> kRuntimeMode{
    {.key = "execution.runtime-mode",
     .doc = "STREAMING runs every job incrementally. BATCH, and AUTOMATIC for bounded jobs, are refused for now."},
    RuntimeMode::kStreaming};

const ConfigOption<bool> kBufferTimeoutEnabled{{.key = "execution.buffer-timeout.enabled",
                                                .doc = "Flink's switch for the timer below.",
                                                .status = OptionStatus::kNeedless},
                                               true};

const ConfigOption<Duration> kBufferTimeout{
    {.key = "execution.buffer-timeout.interval",
     .doc = "Flink's longest wait of a part-full buffer. In Weir no record waits: what a step has produced is sent at "
            "the end of the step.",
     .deprecated_keys = {"execution.buffer-timeout"},
     .status = OptionStatus::kNeedless},
    100ms,
    {.at_least = -1ms}};

}  // namespace weir
