// Users of this machine as whom programs are run.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "weir/base/status.h"

namespace weir {

struct ProcessUser {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;  // all, with `gid`
  std::string home;
};

// kNotFound: this machine knows no such user.
StatusOr<ProcessUser> FindProcessUser(const std::string& name);
// This process may run programs as others.
bool MayBecomeOthers();

// A new folder that nobody but this process' own user may enter. kAlreadyExists: there is something of that name.
Status MakePrivateFolder(const std::string& path);
// A new folder that others may pass through (see LetThrough) from the moment that it is there: a process that finds it need not wait for the one that makes
// it. Nothing happens if there is a folder of that name. What is above it must be there.
Status MakePassableFolder(const std::string& path);
// Gives a file or folder to the user, and to nobody else. kPermissionDenied: it is a link, which the user may have put there.
Status GiveTo(const ProcessUser& user, const std::string& path);
// The folder, last, and all folders in it. What is in them keeps its owner. Follows no links, and holds on to the folders that it has seen: whoever may write
// to one of them cannot have others given away.
Status GiveFoldersTo(const ProcessUser& user, const std::string& folder);
// The user's group may read what is at `path`, and run it or go into it; its owner stays.
Status ShareWith(const ProcessUser& user, const std::string& path);
// Everybody who knows a name in the folder may go on to it; nobody may list it.
Status LetThrough(const std::string& folder);
// Whether the user may enter the folder, as far as permission bits say.
bool MayEnter(const ProcessUser& user, const std::string& folder);

}  // namespace weir
