#include "weir/runtime/worker/worker_channels.h"

#include <utility>

#include "weir/config/network_options.h"
#include "weir/runtime/network/remote/data_network.h"

namespace weir {
namespace {

constexpr int64_t kNanosPerMilli = 1'000'000;

CreditLimits CreditOf(const Configuration& configuration) {
  const int64_t segment = configuration.Get(kSegmentSize).bytes();
  CreditLimits credit;
  credit.exclusive = segment * configuration.Get(kBuffersPerChannel);
  credit.floating = segment * configuration.Get(kFloatingBuffersPerGate);
  if (configuration.Get(kBufferDebloat)) {
    credit.target_nanos = configuration.Get(kBufferDebloatTarget).count() * kNanosPerMilli;
    credit.period_nanos = configuration.Get(kBufferDebloatPeriod).count() * kNanosPerMilli;
  }
  return credit;
}

}  // namespace

WorkerChannels::WorkerChannels(WorkerChannelsOptions options) : options_(std::move(options)) {}
WorkerChannels::~WorkerChannels() = default;

StatusOr<DataNetwork*> WorkerChannels::Network(JobId job) {
  MutexLock lock(mutex_);
  if (network_ != nullptr) return network_.get();
  DataNetworkOptions network;
  network.job_id = job;
  network.self = options_.task_manager;
  network.token = options_.data_token;
  network.credit = CreditOf(options_.configuration);
  network.has_checksums = options_.configuration.Get(kPayloadChecksum);
  network.connect_timeout = options_.configuration.Get(kRequestBackoffMax);
  network.clock = options_.clock;
  network.on_failure = options_.on_failure;
  WEIR_ASSIGN_OR_RETURN(network_, DataNetwork::New(std::move(network)));
  for (auto& [socket, from] : std::exchange(early_, {})) network_->Adopt(std::move(socket), from);
  return network_.get();
}

StatusOr<std::shared_ptr<LocalChannel>> WorkerChannels::Connect(const TaskDeploymentDescriptor& task,
                                                                const InputGateDeployment& gate, size_t index,
                                                                std::shared_ptr<GateCredit>& credit) {
  const int32_t peer = gate.channels.PeerOf(index);
  if (peer == kSameWorker) return local_.Connect(gate.channels[index]);
  WEIR_ASSIGN_OR_RETURN(DataNetwork* const network, Network(task.job_id));
  if (credit == nullptr) credit = network->NewGate();
  return network->OpenInput(gate.channels[index], task.attempt_id,
                            task.region->task_managers[static_cast<size_t>(peer)], credit);
}

StatusOr<std::shared_ptr<LocalChannel>> WorkerChannels::Connect(const TaskDeploymentDescriptor& task,
                                                                const ResultPartitionDeployment& result, size_t index) {
  const int32_t peer = result.channels.PeerOf(index);
  if (peer == kSameWorker) return local_.Connect(result.channels[index]);
  WEIR_ASSIGN_OR_RETURN(DataNetwork* const network, Network(task.job_id));
  return network->OpenOutput(result.channels[index], task.attempt_id,
                             task.region->task_managers[static_cast<size_t>(peer)]);
}

void WorkerChannels::Close(const TaskDeploymentDescriptor& task, bool has_finished) {
  DataNetwork* network = nullptr;
  {
    MutexLock lock(mutex_);
    network = network_.get();
  }
  const auto name_of = [&](int32_t peer) -> const TaskManagerId& {
    return task.region->task_managers[static_cast<size_t>(peer)].task_manager;
  };
  for (const InputGateDeployment& gate : task.inputs) {
    for (size_t i = 0; i < gate.channels.size(); ++i) {
      const int32_t peer = gate.channels.PeerOf(i);
      if (peer != kSameWorker && network != nullptr) network->CloseInput(gate.channels[i], name_of(peer));
      if (peer == kSameWorker && !has_finished) local_.Forget(gate.channels[i]);
    }
  }
  for (const ResultPartitionDeployment& result : task.outputs) {
    for (size_t i = 0; i < result.channels.size(); ++i) {
      const int32_t peer = result.channels.PeerOf(i);
      if (peer != kSameWorker && network != nullptr)
        network->CloseOutput(result.channels[i], name_of(peer), has_finished);
      // A consumer that is still to be deployed must find what a finished producer left for it.
      if (peer == kSameWorker && !has_finished) local_.Forget(result.channels[i]);
    }
  }
}

void WorkerChannels::Adopt(Descriptor socket, const TaskManagerId& from) {
  MutexLock lock(mutex_);
  if (network_ != nullptr) return network_->Adopt(std::move(socket), from);
  early_.emplace_back(std::move(socket), from);
}

void WorkerChannels::Shutdown() {
  std::unique_ptr<DataNetwork> network;
  MutexLock lock(mutex_);
  network = std::move(network_);
  early_.clear();
}

}  // namespace weir
