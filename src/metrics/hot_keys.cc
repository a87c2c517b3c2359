#include "weir/metrics/hot_keys.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "weir/base/json_writer.h"

namespace weir {
namespace {

constexpr size_t kMostText = 48;
// Less says nothing: the first batch of a stream may be sorted.
constexpr int64_t kFewestSampled = 64;
constexpr size_t kShownKeys = 5;

bool IsReadable(std::string_view key) {
  return std::all_of(key.begin(), key.end(), [](unsigned char c) { return c >= 0x20 && c != 0x7f; });
}

std::string TextOf(std::string_view key) {
  if (key.size() <= kMostText && IsReadable(key)) return std::string(key);
  std::string text = "0x";
  for (const unsigned char c : key.substr(0, kMostText / 2)) {
    char digits[3];
    std::snprintf(digits, sizeof(digits), "%02x", c);
    text += digits;
  }
  return text;
}

}  // namespace

HotKeys::Counter& HotKeys::Count(uint64_t hash) {
  if (++sampled_ >= kForgetAt) Forget();
  for (Counter& counter : counters_) {
    if (counter.hash != hash) continue;
    ++counter.count;
    return counter;
  }
  if (counters_.size() < kCounters)
    return counters_.emplace_back(Counter{.hash = hash, .count = 1, .error = 0, .text = {}});
  Counter& rarest = *std::min_element(counters_.begin(), counters_.end(),
                                      [](const Counter& a, const Counter& b) { return a.count < b.count; });
  rarest = Counter{.hash = hash, .count = rarest.count + 1, .error = rarest.count, .text = {}};
  return rarest;
}

void HotKeys::Forget() {
  sampled_ /= 2;
  for (Counter& counter : counters_) {
    counter.count /= 2;
    counter.error /= 2;
  }
  std::erase_if(counters_, [](const Counter& counter) { return counter.count == 0; });
}

void HotKeys::Add(uint64_t hash, int64_t key) {
  MutexLock lock(mutex_);
  Counter& counter = Count(hash);
  if (counter.text.empty()) counter.text = std::to_string(key);
}

void HotKeys::Add(uint64_t hash, std::string_view key) {
  MutexLock lock(mutex_);
  Counter& counter = Count(hash);
  if (counter.text.empty()) counter.text = TextOf(key);
}

HotKeys::Top HotKeys::MostFrequent(size_t most) const {
  Top top;
  MutexLock lock(mutex_);
  top.sampled = sampled_;
  for (const Counter& counter : counters_) top.keys.push_back({counter.text, counter.count, counter.error});
  std::sort(top.keys.begin(), top.keys.end(), [](const Key& a, const Key& b) { return a.count > b.count; });
  if (top.keys.size() > most) top.keys.resize(most);
  return top;
}

std::string HotKeys::AsJson() const {
  const Top top = MostFrequent(kShownKeys);
  if (top.sampled < kFewestSampled) return "";
  JsonWriter json;
  json.BeginArray();
  for (const Key& key : top.keys) {
    if ((key.count - key.error) * 100 < top.sampled) continue;
    json.BeginObject()
        .Field("key", key.text)
        .Field("share", static_cast<double>(key.count - key.error) / static_cast<double>(top.sampled))
        .EndObject();
  }
  json.EndArray();
  return std::move(json).Take();
}

int64_t HotKeys::TopShareMillis() const {
  const Top top = MostFrequent(1);
  if (top.sampled < kFewestSampled || top.keys.empty()) return 0;
  return (top.keys.front().count - top.keys.front().error) * 1000 / top.sampled;
}

}  // namespace weir
