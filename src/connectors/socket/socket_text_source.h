// Reads text from a TCP server: for trying things out (`nc -lk 9999`), not for data that must not be lost.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/base/clock.h"
#include "weir/connectors/socket/tcp_connection.h"
#include "weir/functions/source.h"

namespace weir {

struct SocketSplit {
  std::string host;
  int32_t port = 0;
};

struct SocketTextOptions {
  std::string host = {};
  int port = 0;
  char delimiter = '\n';
  // How often to connect again after the server has closed or could not be reached; -1: for ever.
  int max_retries = 0;
};

// One record per text between delimiters; with '\n', a '\r' before it is left out. One subtask reads, the others end at once. The source ends when the server
// has closed and no retries are left; it fails if it was never reached. Nothing can be read again: after a restart it goes on with what comes then.
class SocketTextSource : public Source<std::string_view> {
 public:
  using Split = SocketSplit;
  using EnumeratorState = std::vector<SocketSplit>;

  explicit SocketTextSource(SocketTextOptions options) : options_(std::move(options)) {}

  Boundedness boundedness() const { return Boundedness::kContinuousUnbounded; }
  StatusOr<std::unique_ptr<SplitEnumerator<SocketSplit, std::vector<SocketSplit>>>> CreateEnumerator(
      const std::vector<SocketSplit>* restored) const;
  StatusOr<std::unique_ptr<SourceReader<std::string_view, SocketSplit>>> CreateReader(
      const RuntimeContext& context) const;

 private:
  SocketTextOptions options_;
};

// Threads: the task's thread. Polls the connection, a few milliseconds apart while nothing comes.
class SocketTextReader final : public SourceReader<std::string_view, SocketSplit> {
 public:
  using Connect = StatusOr<std::unique_ptr<ByteStream>> (*)(const std::string& host, int port);

  SocketTextReader(SocketTextOptions options, const Clock& clock, Connect connect = &ConnectTcp)
      : options_(std::move(options)), clock_(clock), connect_(connect) {}

  ReadResult Read(Batch<std::string_view>& into, Budget budget) override;
  Status AddSplits(std::vector<SocketSplit> splits) override;
  std::vector<SocketSplit> Snapshot() override { return splits_; }
  void NoMoreSplits() override { no_more_splits_ = true; }
  bool WantsSplit() const override { return splits_.empty() && !no_more_splits_; }
  std::string Position() const override;
  Status Close() override;

 private:
  // Moves complete records of the buffer to `into`; with `all`, what is left as well.
  void TakeRecords(Batch<std::string_view>& into, uint32_t rows, bool all);
  // Receives once; what to do next if nothing came.
  ReadResult ReceiveMore(Batch<std::string_view>& into, uint32_t rows);
  // The connection is gone, or was never made (`cause`).
  ReadResult Disconnected(Batch<std::string_view>& into, uint32_t rows, Status cause);

  const SocketTextOptions options_;
  const Clock& clock_;
  const Connect connect_;
  std::vector<SocketSplit> splits_;  // one at most
  bool no_more_splits_ = false;
  std::unique_ptr<ByteStream> stream_;
  std::string buffer_;  // received; records begin at taken_
  size_t taken_ = 0;
  int64_t records_ = 0;
  int retries_ = 0;  // since data came last
  bool was_connected_ = false;
  Timestamp retry_at_{};
};

}  // namespace weir
