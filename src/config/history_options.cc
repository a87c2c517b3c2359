#include "weir/config/history_options.h"

namespace weir {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

const ConfigOption<std::string> kArchiveDir{
    {.key = "jobmanager.archive.fs.dir",
     .doc = "A folder into which the JobManager writes an archive of every job that ends, for a history server. "
            "Archives there are never deleted by the JobManager. Empty: none are written there."},
    ""};

const ConfigOption<int> kJobStoreCapacity{
    {.key = "jobstore.max-capacity",
     .doc = "How many jobs that have ended a JobManager remembers; those that ended first are forgotten first."},
    1000,
    {.at_least = 0}};

const ConfigOption<int64_t> kJobStoreExpiration{
    {.key = "jobstore.expiration-time",
     .doc = "After how many seconds a JobManager forgets a job that has ended. Longer than Flink's hour, since such "
            "jobs are on disk and take little."},
    7 * 24 * 3600,
    {.at_least = 0}};

const ConfigOption<int> kWebHistory{
    {.key = "web.history",
     .doc = "If set: how many jobs that have ended are remembered, where jobstore.max-capacity allows more."}};

const ConfigOption<int> kExceptionHistorySize{
    {.key = "web.exception-history-size",
     .doc = "How many failures of a job the REST API remembers, the latest ones.",
     .deprecated_keys = {"jobmanager.execution.failover.exception-history-size"}},
    16,
    {.at_least = 1}};

const ConfigOption<std::string> kHistoryServerAddress{
    {.key = "historyserver.web.address", .doc = "The address that the history server listens on."}, "localhost"};

const ConfigOption<std::string> kHistoryServerPort{
    {.key = "historyserver.web.port", .doc = "The port of the history server; written as rest.port is."}, "8082"};

const ConfigOption<Duration> kHistoryServerWebRefresh{
    {.key = "historyserver.web.refresh-interval", .doc = "How often the history server's pages ask for news."}, 10s};

const ConfigOption<bool> kHistoryServerSsl{
    {.key = "historyserver.web.ssl.enabled",
     .doc = "Whether the history server uses TLS, with security.ssl.rest.certificate and "
            "security.ssl.rest.private-key."},
    false};

const ConfigOption<std::string> kHistoryServerArchiveDir{
    {.key = "historyserver.archive.fs.dir",
     .doc = "The folders, separated by commas, whose archives the history server shows: those that JobManagers have as "
            "jobmanager.archive.fs.dir. Empty: that key's own folder."},
    ""};

const ConfigOption<Duration> kHistoryServerRefresh{
    {.key = "historyserver.archive.fs.refresh-interval",
     .doc = "How often the history server looks for archives that are new or gone."},
    10s,
    {.at_least = 10ms}};

const ConfigOption<int> kHistoryServerRetainedJobs{
    {.key = "historyserver.archive.retained-jobs",
     .doc = "How many archives the history server leaves in each folder; it deletes the oldest of more. -1: all."},
    -1,
    {.at_least = -1}};

}  // namespace weir
