// The Yahoo streaming benchmark in one process: keep the views among ad events, look up each ad's campaign, count per campaign in windows of 10 s. The
// baseline is one loop with the same table of campaigns and a table of counts per window.
//
//   ysb ours|baseline [--records n]
#include <array>
#include <map>
#include <string_view>
#include <unordered_map>

#include "window_events.h"

namespace {

using namespace weir::bench;

constexpr uint64_t kAds = 1000;
constexpr uint64_t kAdsPerCampaign = 10;
constexpr int64_t kWindow = 10'000;

struct AdEvent {
  int64_t user, page, ad;
  std::string_view ad_type, event_type;
  weir::Timestamp time;
};
struct View {
  int64_t ad;
  weir::Timestamp time;
};
struct CampaignView {
  int64_t campaign;
};

struct MakeAdEvent {
  AdEvent operator()(int64_t n) const {
    static constexpr std::array<std::string_view, 5> kAdTypes{"banner", "modal", "sponsored-search", "mail", "mobile"};
    static constexpr std::array<std::string_view, 3> kEventTypes{"view", "click", "purchase"};
    const uint64_t random = Mix(static_cast<uint64_t>(n));
    return {static_cast<int64_t>(random & 0xffff),
            static_cast<int64_t>(random >> 16 & 0xfff),
            static_cast<int64_t>(((random >> 32) * kAds) >> 32) * 7919,
            kAdTypes[random % 5],
            kEventTypes[random % 3],
            weir::FromEventTime(100'000 + n / kEventsPerMs - static_cast<int64_t>(random & 3))};
  }
};
bool IsView(const AdEvent& event) { return event.event_type == "view"; }

using Campaigns = std::unordered_map<int64_t, int64_t>;
Campaigns MakeCampaigns() {
  Campaigns campaigns;
  for (uint64_t ad = 0; ad < kAds; ++ad)
    campaigns[static_cast<int64_t>(ad) * 7919] = static_cast<int64_t>(ad / kAdsPerCampaign);
  return campaigns;
}

int RunBaseline(int64_t records) {
  const Stopwatch watch;
  const Campaigns campaigns = MakeCampaigns();
  const MakeAdEvent make;
  HandWatermark watermark;
  std::map<int64_t, HandTable> windows;
  int64_t checksum = 0;
  const auto advance = [&](int64_t to) {
    while (!windows.empty() && windows.begin()->first - 1 <= to) {
      const int64_t end = windows.begin()->first;
      windows.begin()->second.ForEach(
          [&](int64_t key, int64_t count) { checksum += Digest(HashOfResult{}({key, end, count})); });
      windows.erase(windows.begin());
    }
  };
  for (int64_t n = 0; n < records; ++n) {
    const AdEvent event = make(n);
    const int64_t time = weir::ToEventTime(event.time);
    if (IsView(event)) ++windows[time - time % kWindow + kWindow][campaigns.find(event.ad)->second];
    if (watermark.OnEvent(time)) advance(watermark.watermark());
  }
  advance(INT64_MAX);
  Report("ysb", records, watch, static_cast<uint64_t>(checksum));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments(argc, argv);
  const int64_t records = arguments.Number("--records", 30'000'000);
  if (arguments.baseline()) return RunBaseline(records);
  BenchmarkEnvironment benchmark(arguments);
  const auto strategy = weir::WatermarkStrategy<AdEvent>::BoundedOutOfOrderness(weir::Duration(kDisorderMs))
                            .WithTimestamps(&AdEvent::time);
  benchmark.env.FromSource(weir::GeneratorSource<AdEvent>(MakeAdEvent{}, records), strategy, "ad events")
      .Filter([](const AdEvent& event) { return IsView(event); })
      .Map([](const AdEvent& event) { return View{event.ad, event.time}; })
      .Map([campaigns = MakeCampaigns()](const View& view) { return CampaignView{campaigns.find(view.ad)->second}; })
      .KeyBy(&CampaignView::campaign)
      .Window(weir::TumblingEventTimeWindows(weir::Duration(kWindow)))
      .Aggregate(weir::Count(),
                 [](int64_t campaign, const weir::TimeWindow& window, int64_t count) {
                   return WindowResult{campaign, weir::ToEventTime(window.end), count};
                 })
      .SinkTo(weir::ChecksumSink<WindowResult, HashOfResult>(HashOfResult{}));
  return benchmark.Report("ysb", records);
}
