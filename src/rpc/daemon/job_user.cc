#include "weir/rpc/daemon/job_user.h"

#include <unistd.h>

#include <utility>

#include "weir/base/file/file_path.h"
#include "weir/base/file/file_system.h"
#include "weir/base/logging.h"
#include "weir/config/cluster_options.h"
#include "weir/config/configuration.h"

namespace weir {
namespace {

Status MakeMissing(FileSystem& files, const ProcessUser* user, const std::string& folder) {
  WEIR_ASSIGN_OR_RETURN(const bool is_there, files.Exists(folder));
  if (is_there) return OkStatus();
  const std::string parent = DirectoryName(folder);
  if (parent != folder && parent != ".") WEIR_RETURN_IF_ERROR(MakeMissing(files, user, parent));
  return user == nullptr ? files.CreateDirectories(folder) : MakePassableFolder(folder);
}

}  // namespace

StatusOr<std::shared_ptr<const ProcessUser>> JobUserOf(const Configuration& configuration) {
  const std::string name = configuration.Find(kJobUser).value_or("");
  if (name.empty()) {
    if (MayBecomeOthers()) {
      WEIR_LOG(kWarning, "programs of jobs run as root, since {} names no other user", kJobUser.key());
    }
    return std::shared_ptr<const ProcessUser>();
  }
  StatusOr<ProcessUser> user = FindProcessUser(name);
  if (!user.ok()) {
    return user.status().Annotate(std::string(kJobUser.key()) + ". Make one (useradd --system " + name +
                                  "), or name another");
  }
  if (user->uid == getuid()) return std::shared_ptr<const ProcessUser>();
  if (!MayBecomeOthers()) {
    return PermissionDeniedError(
        std::string(kJobUser.key()) + " is \"" + name +
        "\", but only daemons that run as root can start programs as another user. Start them as "
        "root, or as that user and without the option");
  }
  return std::make_shared<const ProcessUser>(*std::move(user));
}

Status MakePassable(FileSystem& files, const ProcessUser* user, const std::vector<std::string>& folders) {
  for (const std::string& folder : folders) {
    WEIR_RETURN_IF_ERROR(MakeMissing(files, user, folder));
    if (user == nullptr) continue;
    WEIR_RETURN_IF_ERROR(LetThrough(folder));
    if (MayEnter(*user, folder)) continue;
    return PermissionDeniedError("the user \"" + user->name + "\" of " + std::string(kJobUser.key()) +
                                 " cannot enter " + folder +
                                 ": a folder above it keeps others out. Set io.tmp.dirs and WEIR_LOG_DIR to "
                                 "folders that every user may enter");
  }
  return OkStatus();
}

}  // namespace weir
