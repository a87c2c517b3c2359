#include "weir/jobmanager/coordinator/remote_source.h"

#include <optional>
#include <utility>
#include <vector>

#include "weir/v1/coordinator.pb.h"

namespace weir {
namespace {

// Passes every call on. Errors come later, as failures of the source.
class RemoteEnumerator final : public SplitEnumeratorBase {
 public:
  RemoteEnumerator(std::shared_ptr<CoordinatorProcess> process, OperatorId operator_id, const std::string* restored)
      : process_(std::move(process)), operator_id_(operator_id) {
    if (restored != nullptr) restored_ = *restored;
  }
  ~RemoteEnumerator() override { process_->Destroy(number_); }

  Status Start(EnumeratorContext& context) override {
    WEIR_ASSIGN_OR_RETURN(number_,
                          process_->Create(operator_id_, restored_.has_value() ? &*restored_ : nullptr, &context));
    return OkStatus();
  }
  void AddReader(int subtask) override {
    v1::ToCoordinator message;
    message.set_add_reader(subtask);
    process_->Send(number_, message);
  }
  void HandleSplitRequest(int subtask) override {
    v1::ToCoordinator message;
    message.set_handle_split_request(subtask);
    process_->Send(number_, message);
  }
  Status AddEncodedSplitsBack(const std::vector<std::string>& splits, int subtask) override {
    v1::ToCoordinator message;
    message.mutable_add_splits_back()->set_subtask(subtask);
    for (const std::string& split : splits) message.mutable_add_splits_back()->add_splits(split);
    process_->Send(number_, message);
    return OkStatus();
  }
  std::string SnapshotEncodedState() override { return process_->Snapshot(number_); }

 private:
  const std::shared_ptr<CoordinatorProcess> process_;
  const OperatorId operator_id_;
  std::optional<std::string> restored_;
  uint64_t number_ = 0;
};

class RemoteSource final : public SourceFactory {
 public:
  RemoteSource(std::shared_ptr<CoordinatorProcess> process, const JobOperator& source)
      : process_(std::move(process)),
        operator_id_(source.id),
        boundedness_(source.is_bounded ? Boundedness::kBounded : Boundedness::kContinuousUnbounded),
        is_blocking_(source.is_blocking) {}

  Boundedness boundedness() const override { return boundedness_; }
  bool blocking() const override { return is_blocking_; }
  StatusOr<std::unique_ptr<SplitEnumeratorBase>> CreateEnumerator(const std::string* restored) const override {
    return std::unique_ptr<SplitEnumeratorBase>(new RemoteEnumerator(process_, operator_id_, restored));
  }
  StatusOr<std::unique_ptr<SourceReaderBase>> CreateReader(const RuntimeContext&) const override {
    return InternalError("readers run in workers");
  }

 private:
  const std::shared_ptr<CoordinatorProcess> process_;
  const OperatorId operator_id_;
  const Boundedness boundedness_;
  const bool is_blocking_;
};

}  // namespace

void AttachRemoteSources(const std::shared_ptr<CoordinatorProcess>& process, JobGraph& graph) {
  for (JobVertex& vertex : graph.vertices) {
    if (!vertex.is_source()) continue;
    JobOperator& source = vertex.operators[0];
    source.code.source = std::make_shared<RemoteSource>(process, source);
  }
}

}  // namespace weir
