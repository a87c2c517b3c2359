// Records from one worker to another over loopback, whoever reads them there: the network thread, or an executor that waits at the sockets (ADR 50).
#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <vector>

#include "weir/base/clock.h"
#include "weir/base/execution/event_count.h"
#include "weir/runtime/network/input_gate.h"
#include "weir/runtime/network/partition_writer.h"
#include "weir/runtime/network/remote/data_network.h"
#include "weir/taskmanager/network/data_port.h"
#include "weir/types/batch_type.h"

namespace weir {
namespace {

constexpr int kChannels = 2;
constexpr int64_t kSteps = 4000;

std::unique_ptr<DataNetwork> NewNetwork(const char* self) {
  DataNetworkOptions options;
  options.self = TaskManagerId(self);
  options.clock = &SystemClock::Instance();
  options.on_failure = [](const ExecutionAttemptId&, const Status& why) { ADD_FAILURE() << why.ToString(); };
  return DataNetwork::New(std::move(options)).value();
}

// What the executor does between two looks at its gate, so that records come at every moment of its waiting.
enum class Executor { kWaits, kIsSometimesBusy, kWaitsElsewhere };

class DataNetworkSeats : public testing::TestWithParam<Executor> {
 protected:
  DataNetworkSeats() {
    DataPortOptions options;
    options.bind = {.host = "localhost", .port = 0};
    options.self = TaskManagerId("b");
    options.clock = &SystemClock::Instance();
    options.token_of = [](JobId) { return std::string(); };
    options.equal = [](std::string_view a, std::string_view b) { return a == b; };
    options.on_connection = [this](JobId, TaskManagerId from, Descriptor socket) {
      consumer_->Adopt(std::move(socket), from);
    };
    port_ = DataPort::Open(std::move(options)).value();
    seat_ = consumer_->AddSeat(&ready_);
    const DataPeer a{TaskManagerId("a"), "localhost:1"};
    const DataPeer b{TaskManagerId("b"), "localhost:" + std::to_string(port_->port())};
    const auto gate = std::make_shared<GateCredit>(CreditLimits{});
    for (int number = 0; number < kChannels; ++number) {
      const ChannelId channel{.producer = {}, .result = 0, .subpartition = number};
      outs_.push_back(producer_->OpenOutput(channel, {}, b).value());
      ins_.push_back(consumer_->OpenInput(channel, {}, a, gate).value());
    }
  }

  // Mostly a record at a time, and sometimes thousands, each time when all before it have been read: a wake-up that is lost is the last.
  void Produce() {
    EventCount room;
    PartitionWriterOptions options;
    options.kind = Partitioner::kShuffle;
    options.type = &BatchTypeOf<int64_t>();
    options.channels = outs_;
    options.self = &room;
    const auto writer = PartitionWriter::New(std::move(options));
    const auto send = [&] {
      while (!writer->Drain() || !writer->IsAvailable()) std::this_thread::yield();
      writer->EndStep();
    };
    int64_t sent = 0;
    for (int64_t step = 0; step < kSteps; ++step) {
      for (int64_t left = step % 500 == 7 ? 20'000 : 1; left > 0;) {
        BatchBase* const batch = writer->Fresh();
        for (; left > 0 && !batch->full(); --left) AsBatch<int64_t>(*batch).Append() = ++sent;
        writer->Accept(batch);
        send();
      }
      while (received_.load() != sent) {
        send();
        std::this_thread::yield();
      }
    }
    writer->Emit({.kind = StreamEvent::Kind::kEndOfData});
    send();
    sent_ = sent;
  }

  // Until the end of the data; the sum of what was read.
  int64_t Consume() {
    InputGate gate(&BatchTypeOf<int64_t>(), ins_, &ready_);
    int64_t sum = 0;
    for (int64_t waits = 0;;) {
      BatchBase* batch = nullptr;
      const InputGate::Polled polled = gate.Poll(batch);
      if (polled == InputGate::Polled::kBatch) {
        AsBatch<int64_t>(*batch).ForEach([&](int64_t number, uint32_t) { sum += number; });
        received_ += batch->count();
        Recycle(batch);
        gate.NotifyProducers();
        continue;
      }
      gate.NotifyProducers();
      if (polled == InputGate::Polled::kEnd || polled == InputGate::Polled::kFailed) return sum;
      ready_.PrepareWait();
      if (gate.HasInput()) {
        ready_.CancelWait();
      } else {
        Wait(++waits);
      }
    }
  }

  void Wait(int64_t number) {
    if (GetParam() == Executor::kWaitsElsewhere) return static_cast<void>(ready_.WaitUntil(EventCount::kForever));
    if (GetParam() == Executor::kIsSometimesBusy) {
      for (int64_t i = 0; i < number % 7 * 3000; ++i) std::atomic_signal_fence(std::memory_order_seq_cst);
    }
    seat_->WaitUntil(EventCount::kForever);
  }

  EventCount ready_;
  std::unique_ptr<DataNetwork> producer_ = NewNetwork("a"), consumer_ = NewNetwork("b");
  std::unique_ptr<DataPort> port_;
  WaitPlace* seat_ = nullptr;
  std::vector<std::shared_ptr<LocalChannel>> outs_, ins_;
  std::atomic<int64_t> received_{0};
  int64_t sent_ = 0;
};

TEST_P(DataNetworkSeats, EveryRecordComesAndWakesItsReader) {
  ASSERT_NE(seat_, nullptr);
  std::thread sender([this] { Produce(); });
  const int64_t sum = Consume();
  sender.join();
  EXPECT_EQ(received_.load(), sent_);
  EXPECT_EQ(sum, sent_ * (sent_ + 1) / 2);
}

INSTANTIATE_TEST_SUITE_P(Executors, DataNetworkSeats,
                         testing::Values(Executor::kWaits, Executor::kIsSometimesBusy, Executor::kWaitsElsewhere));

}  // namespace
}  // namespace weir
