// Bids of 56 bytes with views of 80 more: filter, map, exchange by auction, count and sum per auction. The baseline is one loop with the strings in a
// scratch buffer.
//
//   bid_pipeline ours|baseline [--keys n] [--parallelism n] [--records n]
#include <cstring>

#include "hand_table.h"
#include "job.h"

namespace {

using namespace weir::bench;

struct Bid {
  int64_t auction;
  int64_t bidder;
  int64_t price;
  std::string_view channel;
  std::string_view url;
};
struct Total {
  int64_t auction;
  int64_t count;
  int64_t sum;
  std::string_view channel;
};

constexpr char kText[] =
    "https://www.example.org/auctions/"
    "item?query=0123456789abcdefghijklmnopqrstuvwxyz&more=0123456789abcdefghijklmnopqrstuvwxyz";

struct MakeBid {
  uint64_t auctions;
  // `keep`: copies a text to where it lives as long as the bid.
  template <class Keep>
  Bid operator()(int64_t n, Keep&& keep) const {
    const uint64_t random = Mix(static_cast<uint64_t>(n));
    const int64_t auction = static_cast<int64_t>(((random >> 32) * auctions) >> 32);
    return {auction, n, static_cast<int64_t>(random & 0xff), keep(std::string_view(kText + (random & 15), 20)),
            keep(std::string_view(kText + (random >> 4 & 31), 60))};
  }
};
bool IsWanted(const Bid& b) { return b.price >= 33; }
Bid ToEuro(const Bid& b) { return {b.auction, b.bidder, b.price * 908 / 1000, b.channel, b.url}; }
struct HashOf {
  uint64_t operator()(const Total& t) const {
    return static_cast<uint64_t>(t.auction * 31 + t.count * 7 + t.sum + static_cast<int64_t>(t.channel.size()) +
                                 t.channel[0]) *
           0x9e3779b97f4a7c15ull;
  }
};

int RunBaseline(int64_t records, uint64_t auctions) {
  const Stopwatch watch;
  const MakeBid make{auctions};
  HandTable counts, sums;
  int64_t checksum = 0;
  char scratch[128];
  for (int64_t n = 0; n < records; ++n) {
    char* next = scratch;
    const Bid made = make(n, [&next](std::string_view text) {
      std::memcpy(next, text.data(), text.size());
      const std::string_view kept(next, text.size());
      next += text.size();
      return kept;
    });
    asm volatile("" : : "r"(scratch) : "memory");
    if (!IsWanted(made)) continue;
    const Bid bid = ToEuro(made);
    checksum += Digest(HashOf{}({bid.auction, ++counts[bid.auction], sums[bid.auction] += bid.price, bid.channel}));
  }
  Report("bid_pipeline", records, watch, static_cast<uint64_t>(checksum));
  return 0;
}

class CountAndSum : public weir::KeyedProcessFunction<int64_t, Bid, Total> {
 public:
  void ProcessElement(const Bid& bid, Context& ctx, weir::Collector<Total>& out) {
    const int64_t count = count_.ValueOr(0) + 1;
    const int64_t sum = sum_.ValueOr(0) + bid.price;
    count_.Update(count);
    sum_.Update(sum);
    out.Collect({ctx.key(), count, sum, bid.channel});
  }

 private:
  weir::ValueState<int64_t> count_{this, "count"};
  weir::ValueState<int64_t> sum_{this, "sum"};
};

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments(argc, argv);
  const uint64_t auctions = static_cast<uint64_t>(arguments.Number("--keys", 10'000));
  const int64_t records = arguments.Number("--records", 30'000'000);
  if (arguments.baseline()) return RunBaseline(records, auctions);
  BenchmarkEnvironment benchmark(arguments);
  const auto make = [bid = MakeBid{auctions}](int64_t n, weir::Batch<Bid>& batch) {
    return bid(n, [&batch](std::string_view text) { return batch.Keep(text); });
  };
  benchmark.env.FromSource(weir::GeneratorSource<Bid>(make, records))
      .Filter([](const Bid& b) { return IsWanted(b); })
      .Map([](const Bid& b) { return ToEuro(b); })
      .KeyBy(&Bid::auction)
      .Process<CountAndSum>()
      .StartNewChain()
      .SinkTo(weir::ChecksumSink<Total, HashOf>(HashOf{}));
  return benchmark.Report("bid_pipeline", records);
}
