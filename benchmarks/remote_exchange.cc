// Records of 16 bytes, shuffled over two channels from a task of one worker to tasks of another, over loopback: partition writer, encoding, credits, TCP,
// decoding, input gates, with the threads that the two workers would have. The baseline is two threads that send and receive messages of the same size on a
// blocking TCP connection and do nothing with them. Compared by the wall clock: bytes per second.
//
//   remote_exchange ours|baseline [--records n]
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <thread>

#include "weir/base/clock.h"
#include "weir/base/execution/event_count.h"
#include "weir/base/execution/yielding_wait.h"
#include "weir/runtime/network/input_gate.h"
#include "weir/runtime/network/partition_writer.h"
#include "weir/runtime/network/remote/data_network.h"
#include "weir/taskmanager/network/data_port.h"
#include "weir/types/batch_type.h"

#include "measure.h"

namespace {

using namespace weir;
using namespace weir::bench;

constexpr int kChannels = 2;
// Of a full batch: its rows, their head (docs/formats/batch.md) and the frame's.
constexpr size_t kMessageBytes = 1024 * 16 + 20 + kFrameHeaderBytes;

struct Pair {
  int64_t key;
  int64_t value;
};

void Fail(const Status& status) {
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  std::exit(1);
}

std::unique_ptr<DataNetwork> NewNetwork(const char* self) {
  DataNetworkOptions options;
  options.self = TaskManagerId(self);
  options.clock = &SystemClock::Instance();
  options.on_failure = [](const ExecutionAttemptId&, const Status& why) { Fail(why); };
  auto network = DataNetwork::New(std::move(options));
  if (!network.ok()) Fail(network.status());
  return std::move(network).value();
}

ChannelId ChannelOf(int number) { return {.producer = {}, .result = 0, .subpartition = number}; }

void Produce(std::vector<std::shared_ptr<LocalChannel>> channels, int64_t records) {
  EventCount ready;
  PartitionWriterOptions options;
  options.kind = Partitioner::kShuffle;
  options.type = &BatchTypeOf<Pair>();
  options.channels = std::move(channels);
  options.self = &ready;
  const auto writer = PartitionWriter::New(std::move(options));
  // As executors do before they sleep.
  YieldingWait others(&SystemClock::Instance(), YieldThread, [&] { return writer->Drain() && writer->IsAvailable(); });
  const auto await_room = [&] {
    while (!writer->Drain() || !writer->IsAvailable()) {
      writer->EndStep();
      if (others.Await()) break;
      ready.PrepareWait();
      if (writer->Drain() && writer->IsAvailable()) {
        ready.CancelWait();
        break;
      }
      ready.Wait();
    }
  };
  for (int64_t n = 0; n < records;) {
    await_room();
    BatchBase* const batch = writer->Fresh();
    for (; n < records && !batch->full(); ++n) AsBatch<Pair>(*batch).Append() = {n, n ^ 0x5555};
    writer->Accept(batch);
    // As a task does, after four batches; part-full ones would make the messages smaller than the baseline's.
    if (n % 4096 == 0 || n == records) writer->EndStep();
  }
  writer->Emit({.kind = StreamEvent::Kind::kEndOfData});
  await_room();
  writer->EndStep();
}

// `seat`: where it waits, as executors do.
uint64_t Consume(const std::vector<std::shared_ptr<LocalChannel>>& channels, EventCount& ready, WaitPlace& seat) {
  InputGate gate(&BatchTypeOf<Pair>(), channels, &ready);
  YieldingWait others(&SystemClock::Instance(), YieldThread, [&] { return gate.HasInput(); });
  uint64_t sum = 0;
  for (;;) {
    BatchBase* batch = nullptr;
    switch (gate.Poll(batch)) {
      case InputGate::Polled::kBatch:
        AsBatch<Pair>(*batch).ForEach([&](const Pair& pair, uint32_t) { sum += static_cast<uint64_t>(pair.value); });
        Recycle(batch);
        gate.NotifyProducers();
        continue;
      case InputGate::Polled::kEnd:
        gate.NotifyProducers();
        return sum;
      case InputGate::Polled::kFailed:
        Fail(gate.status());
        return 0;
      default:
        break;
    }
    if (others.Await()) continue;
    ready.PrepareWait();
    if (gate.HasInput()) {
      ready.CancelWait();
    } else {
      seat.WaitUntil(EventCount::kForever);
    }
  }
}

void RunOurs(int64_t records) {
  EventCount ready;
  const auto producer = NewNetwork("a"), consumer = NewNetwork("b");
  WaitPlace* const seat = consumer->AddSeat(&ready);
  if (seat == nullptr) std::exit(1);
  DataPortOptions port_options;
  port_options.bind = {.host = "localhost", .port = 0};
  port_options.self = TaskManagerId("b");
  port_options.clock = &SystemClock::Instance();
  port_options.token_of = [](JobId) { return std::string(); };
  port_options.equal = [](std::string_view a, std::string_view b) { return a == b; };
  port_options.on_connection = [&](JobId, TaskManagerId from, Descriptor socket) {
    consumer->Adopt(std::move(socket), from);
  };
  auto port = DataPort::Open(std::move(port_options));
  if (!port.ok()) Fail(port.status());
  const DataPeer a{TaskManagerId("a"), "localhost:1"};
  const DataPeer b{TaskManagerId("b"), "localhost:" + std::to_string((*port)->port())};
  std::vector<std::shared_ptr<LocalChannel>> outs, ins;
  const std::shared_ptr<GateCredit> gate = std::make_shared<GateCredit>(CreditLimits{});
  for (int channel = 0; channel < kChannels; ++channel) {
    outs.push_back(producer->OpenOutput(ChannelOf(channel), {}, b).value());
    ins.push_back(consumer->OpenInput(ChannelOf(channel), {}, a, gate).value());
  }
  const Stopwatch watch;
  std::thread sender([&] { Produce(std::move(outs), records); });
  Consume(ins, ready, *seat);
  sender.join();
  Report("remote_exchange", records, watch, static_cast<uint64_t>(records));
}

void RunBaseline(int64_t records) {
  auto listener = ListenTcp({.host = "localhost", .port = 0});
  if (!listener.ok()) Fail(listener.status());
  const int64_t messages = records / 1024;
  const Stopwatch watch;
  std::thread sender([&] {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(LocalPort(listener->get())));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const Descriptor socket(::socket(AF_INET, SOCK_STREAM, 0));
    if (connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) std::exit(1);
    const int one = 1;
    setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    const std::vector<char> message(kMessageBytes, 'x');
    for (int64_t i = 0; i < messages; ++i) {
      for (size_t sent = 0; sent < message.size();) {
        const ssize_t more = send(socket.get(), message.data() + sent, message.size() - sent, MSG_NOSIGNAL);
        if (more <= 0) std::exit(1);
        sent += static_cast<size_t>(more);
      }
    }
  });
  int accepted = -1;
  while (accepted < 0) accepted = accept(listener->get(), nullptr, nullptr);
  const Descriptor socket(accepted);
  std::vector<char> message(kMessageBytes);
  int64_t bytes = 0;
  for (ssize_t got = 1; got > 0;) {
    got = recv(socket.get(), message.data(), message.size(), 0);
    bytes += got > 0 ? got : 0;
  }
  sender.join();
  if (bytes != messages * static_cast<int64_t>(kMessageBytes)) std::exit(1);
  Report("remote_exchange", records, watch, static_cast<uint64_t>(records));
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments(argc, argv);
  const int64_t records = arguments.Number("--records", int64_t{100'000} * 1024);
  if (arguments.baseline()) {
    RunBaseline(records);
  } else {
    RunOurs(records);
  }
  return 0;
}
