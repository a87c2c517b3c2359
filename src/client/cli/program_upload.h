// What travels with a program: itself, the libraries that are not the system's, and files that were asked for.
#pragma once

#include <string>
#include <vector>

#include "weir/base/file/file_system.h"
#include "weir/base/status.h"
#include "weir/client/cli/file_sums.h"
#include "weir/graph/job/job_program.h"
#include "weir/rpc/grpc/job_manager_client.h"

namespace weir::cli {

struct ProgramUpload {
  std::string executable = {};          // SHA-256
  std::vector<ShippedFile> files = {};  // libraries and --ship
  std::string library_path = {};        // for the program on this machine: where shipped libraries are
};

// What to put into LD_LIBRARY_PATH for a program that is started here: the folders of `shipped` libraries, and what the person has set. An error names
// the libraries and symbols that it lacks even so.
StatusOr<std::string> LibraryPathOf(FileSystem& files, const std::string& executable,
                                    const std::vector<std::string>& shipped);

// `shipped`: paths given with --ship; a folder stands for the files in it. Errors name the libraries and symbols that the program lacks on this machine.
StatusOr<ProgramUpload> CollectProgram(FileSystem& files, const std::string& executable,
                                       const std::vector<std::string>& shipped, FileSums& sums);

// Sends what the JobManager lacks; fills in the files' SHA-256.
Status Upload(FileSystem& files, JobManagerClient& client, std::vector<ShippedFile>& what, FileSums& sums);

}  // namespace weir::cli
