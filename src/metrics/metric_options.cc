#include "weir/metrics/metric_options.h"

namespace weir {
namespace {
constexpr OptionStatus kNotYet = OptionStatus::kPlanned;
}  // namespace

const ConfigOption<std::string> kScopeJobManager{
    {.key = "metrics.scope.jm", .doc = "Names of the JobManager's metrics.", .status = kNotYet}, "<host>.jobmanager"};

const ConfigOption<std::string> kScopeJobManagerJob{
    {.key = "metrics.scope.jm-job", .doc = "Names of a job's metrics in the JobManager.", .status = kNotYet},
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

}  // namespace weir
