#include "weir/connectors/socket/socket_text_source.h"

#include <algorithm>

#include "weir/functions/split_list_enumerator.h"

namespace weir {

namespace {

// Short enough that nobody sees it, long enough that an idle source costs nothing.
constexpr Duration kPollInterval{5};
// As Flink waits.
constexpr Duration kRetryDelay{500};
constexpr size_t kReceiveBytes = 64 * 1024;

}  // namespace

StatusOr<std::unique_ptr<SplitEnumerator<SocketSplit, std::vector<SocketSplit>>>> SocketTextSource::CreateEnumerator(
    const std::vector<SocketSplit>* restored) const {
  std::vector<SocketSplit> splits = {{options_.host, options_.port}};
  if (restored != nullptr) splits = *restored;
  return std::make_unique<SplitListEnumerator<SocketSplit>>(std::move(splits));
}

StatusOr<std::unique_ptr<SourceReader<std::string_view, SocketSplit>>> SocketTextSource::CreateReader(
    const RuntimeContext& context) const {
  return std::make_unique<SocketTextReader>(options_, context.clock());
}

Status SocketTextReader::AddSplits(std::vector<SocketSplit> splits) {
  splits_.insert(splits_.end(), splits.begin(), splits.end());
  return OkStatus();
}

ReadResult SocketTextReader::Read(Batch<std::string_view>& into, Budget budget) {
  if (splits_.empty()) return no_more_splits_ ? ReadResult::End() : ReadResult::Idle();
  const uint32_t rows = std::min(budget.rows, into.capacity);
  TakeRecords(into, rows, false);
  if (into.size == rows) return ReadResult::Progress();
  if (stream_ == nullptr) {
    if (clock_.WallTime() < retry_at_) return ReadResult::IdleUntil(retry_at_);
    StatusOr<std::unique_ptr<ByteStream>> stream = connect_(splits_[0].host, splits_[0].port);
    if (!stream.ok()) return Disconnected(into, rows, stream.status());
    stream_ = std::move(stream).value();
  }
  return ReceiveMore(into, rows);
}

ReadResult SocketTextReader::ReceiveMore(Batch<std::string_view>& into, uint32_t rows) {
  buffer_.erase(0, std::exchange(taken_, 0));
  const size_t before = buffer_.size();
  buffer_.resize(before + kReceiveBytes);
  const StatusOr<ByteStream::Received> received = stream_->Receive(buffer_.data() + before, kReceiveBytes);
  buffer_.resize(before + (received.ok() ? received.value().bytes : 0));
  if (!received.ok()) return Disconnected(into, rows, received.status());
  switch (received.value().state) {
    case ByteStream::State::kNothingYet:
      return ReadResult::IdleUntil(clock_.WallTime() + kPollInterval);
    case ByteStream::State::kClosed:
      was_connected_ = true;
      return Disconnected(into, rows, OkStatus());
    case ByteStream::State::kData:
      break;
  }
  was_connected_ = true;
  retries_ = 0;
  TakeRecords(into, rows, false);
  return ReadResult::Progress();
}

ReadResult SocketTextReader::Disconnected(Batch<std::string_view>& into, uint32_t rows, Status cause) {
  stream_.reset();
  // What came before a connection broke off is a record too.
  TakeRecords(into, rows, true);
  if (options_.max_retries >= 0 && retries_ >= options_.max_retries) {
    if (!cause.ok() && !was_connected_) return ReadResult::Error(std::move(cause));
    if (taken_ < buffer_.size()) return ReadResult::Progress();  // the batch was full: the end comes with the rest
    ReadResult result = ReadResult::Progress();
    result.split_finished = true;
    splits_.clear();
    return result;
  }
  ++retries_;
  retry_at_ = clock_.WallTime() + kRetryDelay;
  return ReadResult::IdleUntil(retry_at_);
}

void SocketTextReader::TakeRecords(Batch<std::string_view>& into, uint32_t rows, bool all) {
  while (into.size < rows && taken_ < buffer_.size()) {
    const std::string_view left = std::string_view(buffer_).substr(taken_);
    const size_t end = left.find(options_.delimiter);
    if (end == std::string_view::npos && !all) return;
    std::string_view record = left.substr(0, end);
    taken_ += end == std::string_view::npos ? left.size() : end + 1;
    if (options_.delimiter == '\n' && record.ends_with('\r')) record.remove_suffix(1);
    into.Append() = into.Keep(record);
    ++records_;
  }
}

std::string SocketTextReader::Position() const {
  if (records_ == 0) return {};
  return options_.host + ":" + std::to_string(options_.port) + ", record " + std::to_string(records_);
}

Status SocketTextReader::Close() {
  stream_.reset();
  return OkStatus();
}

}  // namespace weir
