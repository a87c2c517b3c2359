// The jars of a JobManager: a store, the plans of what is in it, and the way to the Dispatcher.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "weir/base/process/process_user.h"
#include "weir/jobmanager/jar/jar_store.h"
#include "weir/rpc/dispatcher_gateway.h"

namespace weir {

class ArtifactStore;
class Configuration;
struct JobProgram;

struct ProgramJarsOptions {
  std::unique_ptr<JarStore> store;
  ArtifactStore* artifacts = nullptr;
  std::shared_ptr<DispatcherGateway> dispatcher;  // takes in jobs with their program
  std::shared_ptr<const Configuration> configuration;
  FileSystem* files = nullptr;
  Random* random = nullptr;
  std::vector<std::string> environment;
  std::string plan_folder;                            // programs that plan get folders of their own below it
  std::string library_folder = {};                    // of this installation, with its libweir.so
  std::shared_ptr<const ProcessUser> user = nullptr;  // as whom they run; null: as this process
};

// Threads: any. More than kPlansAtOnce programs at a time are refused with kUnavailable.
class ProgramJars final : public JarService {
 public:
  // More would let a script take all of the server's threads.
  static constexpr int kPlansAtOnce = 4;

  explicit ProgramJars(ProgramJarsOptions options) : options_(std::move(options)) {}

  StatusOr<std::unique_ptr<JarUpload>> Begin(const std::string& name) override { return options_.store->Begin(name); }
  StatusOr<std::vector<JarInfo>> List() override { return options_.store->List(); }
  Status Delete(const std::string& id) override { return options_.store->Delete(id); }
  StatusOr<JobGraph> Plan(const JarProgram& program) override;
  StatusOr<JobId> Run(const JarProgram& program) override;

 private:
  // Copies a file to where workers get it from; its SHA-256.
  StatusOr<std::string> Publish(const std::string& path);
  // The libweir.so that the program lacks.
  Status PublishLibraries(JobProgram& program);

  const ProgramJarsOptions options_;
  std::atomic<int> plans_ = 0;  // under way; only counted
};

}  // namespace weir
