#include "weir/state/rocksdb/rocksdb_snapshot.h"

#include <algorithm>
#include <utility>

#include "weir/base/status_exception.h"
#include "weir/state/rocksdb/rocksdb_keys.h"

namespace weir {

namespace {

constexpr uint32_t kHeadVersion = 1;
constexpr int kRecordsAtATime = 512;  // 150 us
constexpr size_t kChunkBytes = 1 << 20;
constexpr size_t kPieceBytes = 4 << 20;

std::unique_ptr<RocksDbScan> ScanKeyGroups(RocksDbStore& store, KeyGroupRange key_groups) {
  ByteWriter from;
  ByteWriter to;
  AppendKeyGroup(static_cast<uint32_t>(key_groups.first), from);
  AppendKeyGroup(static_cast<uint32_t>(key_groups.last) + 1, to);
  return store.Scan(from.bytes(), to.bytes());
}

}  // namespace

std::string RocksDbStateHead::Encode() const {
  ByteWriter out;
  out.PutU32(kHeadVersion);
  out.PutString(rows_header);
  out.PutU32(static_cast<uint32_t>(key_groups.first));
  out.PutU32(static_cast<uint32_t>(key_groups.last));
  out.PutU64(rows);
  return std::move(out).Take();
}

StatusOr<RocksDbStateHead> RocksDbStateHead::Decode(std::string_view bytes) {
  ByteReader in(bytes, "head of RocksDB state");
  const uint32_t version = in.GetU32();
  if (in.ok() && version != kHeadVersion) {
    return FailedPreconditionError("RocksDB state has format version " + std::to_string(version) +
                                   "; this build reads version " + std::to_string(kHeadVersion) +
                                   ". Use the version of Weir that wrote it, or a newer one");
  }
  RocksDbStateHead head;
  head.rows_header = in.GetString();
  head.key_groups.first = static_cast<int>(in.GetU32());
  head.key_groups.last = static_cast<int>(in.GetU32());
  head.rows = in.GetU64();
  WEIR_RETURN_IF_ERROR(in.Finish());
  if (head.rows_header.empty()) return DataLossError("head of RocksDB state: it does not say what the rows are");
  head.key_form = static_cast<KeyForm>(head.rows_header.front());
  return head;
}

void RocksDbMarker::OnReached(StatusOr<std::unique_ptr<BackendFiles>> files) {
  MutexLock lock(mutex_);
  if (is_cancelled_) return;
  is_reached_ = true;
  files_ = std::move(files);
  if (sink_ != nullptr) PassOn();
}

void RocksDbMarker::PassTo(std::shared_ptr<KeyedSnapshotSink> sink, KeyedSnapshotEnd end) {
  MutexLock lock(mutex_);
  sink_ = std::move(sink);
  end_ = std::move(end);
  if (is_reached_) PassOn();
}

void RocksDbMarker::PassOn() {
  const std::shared_ptr<KeyedSnapshotSink> sink = std::exchange(sink_, nullptr);
  if (!files_.ok()) return sink->Fail(files_.status());
  end_.files = *std::move(files_);
  sink->Finish(std::move(end_));
}

bool RocksDbMarker::Take(StatusOr<std::unique_ptr<BackendFiles>>& files) {
  MutexLock lock(mutex_);
  if (!is_reached_) return false;
  files = std::move(files_);
  return true;
}

void RocksDbMarker::Cancel() {
  MutexLock lock(mutex_);
  is_cancelled_ = true;
  files_ = std::unique_ptr<BackendFiles>();
  sink_.reset();
}

bool RocksDbMarker::is_cancelled() {
  MutexLock lock(mutex_);
  return is_cancelled_;
}

RocksDbSnapshot::RocksDbSnapshot(RocksDbSnapshotSource& source, std::shared_ptr<RocksDbMarker> marker,
                                 RocksDbStateHead head, uint64_t number)
    : source_(&source), marker_(std::move(marker)), head_(std::move(head)), number_(number) {}

RocksDbSnapshot::~RocksDbSnapshot() {
  marker_->Cancel();
  if (source_ != nullptr) source_->OnDestroyed(*this);
}

void RocksDbSnapshot::Orphan() {
  source_ = nullptr;
  marker_->Cancel();
  sink_.reset();
}

void RocksDbSnapshot::Start(const KeyedSnapshotRequest& request, std::shared_ptr<KeyedSnapshotSink> sink) {
  if (source_ == nullptr) return;
  request_ = request;
  if (!request.is_native) {
    is_started_ = true;
    sink_ = std::move(sink);
    return;
  }
  if (request.may_be_shared && !request.is_full) base_ = source_->BaseFor(*this);
  is_started_ = true;
  sink->Append(head_.Encode());
  KeyedSnapshotEnd end;
  end.format = kRocksDbFormat;
  end.base = base_;
  end.may_be_base = request.may_be_shared;
  marker_->PassTo(std::move(sink), std::move(end));
}

bool RocksDbSnapshot::Advance() {
  if (source_ == nullptr) return false;
  try {
    if (source_->DrainSome()) return true;
  } catch (const StatusException& e) {
    Fail(e.status());
    return false;
  }
  return sink_ != nullptr && !sink_->IsFull() && WriteRecords();
}

Status RocksDbSnapshot::OpenRecords(BackendFiles& files) {
  WEIR_ASSIGN_OR_RETURN(records_, RocksDbStore::OpenFiles(source_->resources(), nullptr, files));
  scan_ = ScanKeyGroups(*records_, head_.key_groups);
  TakeBuffer();
  writer_ = std::make_unique<KeyedRowsWriter>(head_.key_form, head_.rows_header, out_);
  return OkStatus();
}

bool RocksDbSnapshot::WriteRecords() {
  Status status;
  if (scan_ == nullptr) {
    StatusOr<std::unique_ptr<BackendFiles>> files = std::unique_ptr<BackendFiles>();
    if (!marker_->Take(files)) return true;
    status = files.ok() ? OpenRecords(**files) : files.status();
  }
  for (int i = 0; status.ok() && i < kRecordsAtATime && scan_->Valid(); ++i, scan_->Next()) {
    const std::string_view states = source_->LiveStates(scan_->value(), left_);
    if (!states.empty())
      writer_->AddWritten(KeyGroupOfRecord(scan_->key()), KeyOfRecord(scan_->key(), head_.key_form), states);
  }
  if (status.ok()) status = scan_->status();
  if (!status.ok()) {
    Fail(std::move(status));
    return false;
  }
  PassOn(/*all=*/false);
  if (scan_->Valid()) return true;
  FinishRecords();
  return false;
}

void RocksDbSnapshot::FinishRecords() {
  writer_->Finish();
  PassOn(/*all=*/true);
  scan_.reset();
  records_.reset();
  KeyedSnapshotEnd end;
  end.format = "canonical";
  std::exchange(sink_, nullptr)->Finish(std::move(end));
}

void RocksDbSnapshot::PassOn(bool all) {
  if (out_.size() < kChunkBytes && !all) return;
  writer_->Cut();
  sink_->Append(std::move(out_).Take());
  if (!all) TakeBuffer();
}

void RocksDbSnapshot::TakeBuffer() {
  out_ = ByteWriter(sink_->NewBuffer());
  out_.Truncate(0);
}

void RocksDbSnapshot::Fail(Status status) {
  if (sink_ != nullptr) {
    std::exchange(sink_, nullptr)->Fail(std::move(status));
  } else {
    marker_->OnReached(std::move(status));
  }
}

void RocksDbSnapshot::OnComplete() {
  if (source_ != nullptr && request_.may_be_shared) source_->OnComplete(*this);
}

Status ReadRocksDbRecords(RocksDbStore& records, const RocksDbStateHead& head, KeyGroupRange key_groups,
                          const std::function<Status(std::string_view rows)>& take) {
  key_groups.first = std::max(key_groups.first, head.key_groups.first);
  key_groups.last = std::min(key_groups.last, head.key_groups.last);
  if (key_groups.size() <= 0) return OkStatus();
  const std::unique_ptr<RocksDbScan> scan = ScanKeyGroups(records, key_groups);
  while (scan->Valid()) {
    ByteWriter out;
    KeyedRowsWriter writer(head.key_form, head.rows_header, out);
    for (; scan->Valid() && out.size() < kPieceBytes; scan->Next())
      writer.AddWritten(KeyGroupOfRecord(scan->key()), KeyOfRecord(scan->key(), head.key_form), scan->value());
    writer.Finish();
    WEIR_RETURN_IF_ERROR(take(out.bytes()));
  }
  return scan->status();
}

}  // namespace weir
