#include "weir/runtime/worker/worker_channels.h"

#include <algorithm>
#include <utility>

#include "weir/config/network_options.h"
#include "weir/runtime/network/remote/data_network.h"
#include "weir/runtime/task/step_executor.h"

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

// Of a task, to other workers.
struct RemoteChannels {
  uint64_t channels = 0;
  uint64_t groups = 0;  // gates and results that have some
};

RemoteChannels RemoteChannelsOf(const TaskDeploymentDescriptor& task) {
  RemoteChannels all;
  const auto add = [&](const ChannelRange& range) {
    uint64_t remote = 0;
    for (size_t i = 0; i < range.size(); ++i) remote += range.PeerOf(i) != kSameWorker ? 1 : 0;
    all.channels += remote;
    all.groups += remote > 0 ? 1 : 0;
  };
  for (const InputGateDeployment& gate : task.inputs) add(gate.channels);
  for (const ResultPartitionDeployment& result : task.outputs) add(result.channels);
  return all;
}

}  // namespace

WorkerChannels::WorkerChannels(WorkerChannelsOptions options)
    : options_(std::move(options)),
      credit_(CreditOf(options_.configuration)),
      memory_(MemoryOf(options_.memory_bytes)) {}
WorkerChannels::~WorkerChannels() = default;

std::unique_ptr<WorkerChannels::Memory> WorkerChannels::MemoryOf(const std::optional<uint64_t>& bytes) {
  if (!bytes.has_value()) return nullptr;
  const uint64_t floating = *bytes / 4;
  const std::string setting(kNetworkMemoryFraction.key());
  return std::unique_ptr<Memory>(new Memory{.own = {*bytes - floating, setting}, .floating = {floating, setting}});
}

Status WorkerChannels::Reserve(const TaskDeploymentDescriptor& task) {
  if (memory_ == nullptr) return OkStatus();
  const RemoteChannels remote = RemoteChannelsOf(task);
  if (remote.channels == 0) return OkStatus();
  const uint64_t needed = remote.channels * static_cast<uint64_t>(credit_.exclusive);
  StatusOr<MemoryReservation> own = memory_->own.Reserve("network buffers", needed);
  if (!own.ok()) {
    return own.status().Annotate("the task has " + std::to_string(remote.channels) +
                                 " channels to other workers, each with " +
                                 std::to_string(options_.configuration.Get(kBuffersPerChannel)) +
                                 " buffers of its own (" + std::string(kBuffersPerChannel.key()) +
                                 "), which have three quarters of the network memory of the job's slots");
  }
  // A task runs without floating buffers; it is only slower.
  const uint64_t left = memory_->floating.total_bytes() - memory_->floating.reserved_bytes();
  const uint64_t each = std::min(static_cast<uint64_t>(credit_.floating), left / remote.groups);
  StatusOr<MemoryReservation> floating = memory_->floating.Reserve("floating buffers", each * remote.groups);
  Reserved reserved;
  reserved.own = *std::move(own);
  if (floating.ok()) {
    reserved.floating = *std::move(floating);
    reserved.floating_each = static_cast<int64_t>(each);
  }
  MutexLock lock(mutex_);
  reserved_.insert_or_assign(task.attempt_id, std::move(reserved));
  return OkStatus();
}

CreditLimits WorkerChannels::CreditFor(const ExecutionAttemptId& task) {
  CreditLimits credit = credit_;
  MutexLock lock(mutex_);
  if (const auto found = reserved_.find(task); found != reserved_.end()) credit.floating = found->second.floating_each;
  return credit;
}

StatusOr<DataNetwork*> WorkerChannels::Network(JobId job) {
  MutexLock lock(mutex_);
  if (network_ != nullptr) return network_.get();
  DataNetworkOptions network;
  network.job_id = job;
  network.self = options_.task_manager;
  network.token = options_.data_token;
  network.has_checksums = options_.configuration.Get(kPayloadChecksum);
  network.connect_timeout = options_.configuration.Get(kRequestBackoffMax);
  network.clock = options_.clock;
  network.on_failure = options_.on_failure;
  WEIR_ASSIGN_OR_RETURN(network_, DataNetwork::New(std::move(network)));
  for (StepExecutor* const executor : executors_) {
    if (WaitPlace* const seat = network_->AddSeat(executor->event_count()); seat != nullptr) executor->WaitAt(seat);
  }
  for (auto& [socket, from] : std::exchange(early_, {})) network_->Adopt(std::move(socket), from);
  return network_.get();
}

StatusOr<std::shared_ptr<LocalChannel>> WorkerChannels::Connect(const TaskDeploymentDescriptor& task,
                                                                const InputGateDeployment& gate, size_t index,
                                                                std::shared_ptr<GateCredit>& credit) {
  const int32_t peer = gate.channels.PeerOf(index);
  if (peer == kSameWorker) return local_.Connect(gate.channels[index]);
  WEIR_ASSIGN_OR_RETURN(DataNetwork* const network, Network(task.job_id));
  if (credit == nullptr) credit = std::make_shared<GateCredit>(CreditFor(task.attempt_id));
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
  // What a finished producer has left on its way is little, and soon gone.
  MutexLock lock(mutex_);
  reserved_.erase(task.attempt_id);
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
