#include "weir/metrics/metric_options.h"

namespace weir {
const ConfigOption<std::string> kScopeJobManager{
    {.key = "metrics.scope.jm", .doc = "Names of the JobManager's metrics."}, "<host>.jobmanager"};

const ConfigOption<std::string> kScopeJobManagerJob{
    {.key = "metrics.scope.jm-job", .doc = "Names of a job's metrics in the JobManager."},
    "<host>.jobmanager.<job_name>"};

const ConfigOption<std::string> kScopeTaskManager{
    {.key = "metrics.scope.tm", .doc = "Names of a TaskManager's metrics."}, "<host>.taskmanager.<tm_id>"};

const ConfigOption<std::string> kScopeTaskManagerJob{
    {.key = "metrics.scope.tm-job", .doc = "Names of a job's metrics in a TaskManager."},
    "<host>.taskmanager.<tm_id>.<job_name>"};

const ConfigOption<std::string> kScopeTask{{.key = "metrics.scope.task", .doc = "Names of a task's metrics."},
                                           "<host>.taskmanager.<tm_id>.<job_name>.<task_name>.<subtask_index>"};

const ConfigOption<std::string> kScopeOperator{
    {.key = "metrics.scope.operator", .doc = "Names of an operator's metrics."},
    "<host>.taskmanager.<tm_id>.<job_name>.<operator_name>.<subtask_index>"};

const ConfigOption<bool> kMetricsEnabled{
    {.key = "metrics.enabled",
     .doc =
         "Whether tasks count what passes their operators, and look for hot keys. Records of tasks and how they spend "
         "their time are counted in any case. For measuring what metrics cost: docs/performance.md."},
    true};

const ConfigOption<std::string> kReporters{
    {.key = "metrics.reporters",
     .doc = "Where metrics go, by names with commas: prom (every process shows "
            "its own at a port), statsd, graphite, log (the JobManager sends those "
            "of the cluster), or others with a metrics.reporter.<name>.factory.class "
            "of Flink. The REST server's /metrics needs none of them."},
    ""};

const ConfigOption<TextMap> kReporterSettings{
    {.key = "metrics.reporter",
     .doc = "Settings of one reporter: <name>.port (prom: 9249, or a range; statsd, graphite), <name>.host, "
            "<name>.interval, <name>.factory.class."},
    TextMap{}};

const ConfigOption<Duration> kReporterInterval{
    {.key = "metrics.reporter.interval", .doc = "How often the reporters send."}, Duration(10'000)};

const ConfigOption<std::string> kStatsdAddress{
    {.key = "metrics.reporter.statsd.address", .doc = "Host and port of the StatsD server."}, "localhost:8125"};

const ConfigOption<std::string> kGraphiteAddress{
    {.key = "metrics.reporter.graphite.address", .doc = "Host and port of Graphite's plaintext protocol."},
    "localhost:2003"};

}  // namespace weir
