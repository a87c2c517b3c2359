#include "weir/client/role/role_log.h"

#include <cstdlib>

#include "weir/base/file/file_system.h"
#include "weir/base/log_context.h"
#include "weir/base/logging.h"
#include "weir/rpc/job_role.h"

namespace weir {

void OpenRoleLog(LogProcess process) {
  const RoleLog& log = CurrentRoleLog();
  LogJob::SetProcess(log.job);
  LocalFileSystem files;
  const StatusOr<LogSettings> settings = LoadLogSettings(files, log.settings, process);
  const LogSettings usual = DefaultLogSettings(process);
  Status wrong = settings.status();
  wrong.Update(ApplyLogSettings(settings.ok() ? *settings : usual, log.file));
  if (wrong.ok()) return;
  // A task must not fail over its log: the daemons check the file before they start.
  if (!ApplyLogSettings(usual, log.file).ok()) static_cast<void>(ApplyLogSettings(usual, ""));
  WEIR_LOG(kError, "{}. This process logs as if nothing were configured", wrong.message());
}

int ExitCodeWithout(const char* daemon, const Status& end) {
  if (end.ok()) return EXIT_SUCCESS;
  WEIR_LOG(kError, "the connection to the {} has ended: {}", daemon, end.message());
  return EXIT_FAILURE;
}

}  // namespace weir
