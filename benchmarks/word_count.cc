// Running count per word of a text: 100,000 words by Zipf's law (exponent 1), ten a line. The baseline reads blocks, cuts lines and words, and counts in
// the natural table of owned words.
//
//   word_count ours|baseline [--parallelism n] [--megabytes n]
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <memory>

#include "weir/base/hash.h"

#include "job.h"

namespace {

using namespace weir::bench;

struct HashOf {
  uint64_t operator()(const std::pair<std::string_view, int64_t>& counted) const {
    return (static_cast<uint64_t>(counted.first.size()) * 31 + static_cast<uint8_t>(counted.first[0]) +
            static_cast<uint64_t>(counted.second)) *
           0x9e3779b97f4a7c15ull;
  }
};

std::string Word(uint64_t rank) {
  std::string word;
  for (uint64_t left = rank + 26; left > 0; left /= 26) word += static_cast<char>('a' + left % 26);
  // Words of 3 to 9 characters, short ones not always the frequent ones.
  word.append(Mix(rank) % 5, static_cast<char>('a' + rank % 26));
  return word;
}

// Writes the text once; the same for the same size.
std::string TextFile(int64_t megabytes) {
  const std::string path = "/tmp/weir_word_count_" + std::to_string(megabytes) + ".txt";
  struct stat status{};
  if (stat(path.c_str(), &status) == 0 && status.st_size >= megabytes * 1'000'000) return path;
  constexpr uint64_t kWords = 100'000;
  std::vector<std::string> words;
  std::vector<double> until;
  double sum = 0;
  for (uint64_t rank = 0; rank < kWords; ++rank) {
    words.push_back(Word(rank));
    until.push_back(sum += 1.0 / static_cast<double>(rank + 1));
  }
  std::ofstream file(path + ".part", std::ios::binary);
  std::string block;
  int64_t written = 0;
  for (uint64_t n = 0; written < megabytes * 1'000'000; ++n) {
    const double point = static_cast<double>(Mix(n) >> 11) * 0x1p-53 * sum;
    block += words[static_cast<size_t>(std::lower_bound(until.begin(), until.end(), point) - until.begin())];
    block += n % 10 == 9 ? '\n' : ' ';
    if (block.size() < 1 << 20) continue;
    written += static_cast<int64_t>(block.size());
    file << block;
    block.clear();
  }
  file << block << '\n';
  file.close();
  std::rename((path + ".part").c_str(), path.c_str());
  return path;
}

// Owned words with their counts: open addressing, load at most 0.5.
class WordTable {
 public:
  int64_t& operator[](std::string_view word) {
    if (size_ * 2 >= entries_.size()) Grow();
    const uint64_t hash = weir::HashBytes(word);
    Entry* const entry = Find(word, hash);
    if (entry->count == 0) {
      entry->word = word;
      entry->hash = hash;
      ++size_;
    }
    return entry->count;
  }

 private:
  struct Entry {
    uint64_t hash = 0;
    int64_t count = 0;
    std::string word;
  };
  Entry* Find(std::string_view word, uint64_t hash) {
    const size_t mask = entries_.size() - 1;
    for (size_t slot = hash & mask;; slot = (slot + 1) & mask) {
      Entry& entry = entries_[slot];
      if (entry.count == 0 || (entry.hash == hash && entry.word == word)) return &entry;
    }
  }
  void Grow() {
    std::vector<Entry> before(entries_.size() * 2);
    std::swap(before, entries_);
    for (Entry& entry : before) {
      if (entry.count > 0) *Find(entry.word, entry.hash) = std::move(entry);
    }
  }

  std::vector<Entry> entries_ = std::vector<Entry>(1024);
  size_t size_ = 0;
};

bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || (c >= 'A' && c <= 'Z');
}

int RunBaseline(const std::string& path, int64_t bytes) {
  const Stopwatch watch;
  std::FILE* const file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return 1;
  constexpr size_t kBlock = 256 * 1024;
  const auto block = std::make_unique<char[]>(2 * kBlock);
  WordTable counts;
  int64_t checksum = 0;
  size_t kept = 0;
  while (const size_t read = std::fread(block.get() + kept, 1, kBlock, file)) {
    const size_t filled = kept + read;
    const char* line = block.get();
    const char* const end = block.get() + filled;
    while (const char* const line_end =
               static_cast<const char*>(std::memchr(line, '\n', static_cast<size_t>(end - line)))) {
      for (const char* at = line; at < line_end;) {
        const char* const word = at;
        while (at < line_end && IsWordByte(*at)) ++at;
        if (at > word) {
          const std::string_view text(word, static_cast<size_t>(at - word));
          checksum += Digest(HashOf{}({text, ++counts[text]}));
        }
        ++at;
      }
      line = line_end + 1;
    }
    kept = static_cast<size_t>(end - line);
    std::memmove(block.get(), line, kept);
  }
  std::fclose(file);
  Report("word_count", bytes, watch, static_cast<uint64_t>(checksum));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments(argc, argv);
  const int64_t megabytes = arguments.Number("--megabytes", 500);
  const std::string path = TextFile(megabytes);
  // Counted in bytes read: the number of words is the same for both.
  const int64_t bytes = megabytes * 1'000'000;
  if (arguments.baseline()) return RunBaseline(path, bytes);
  BenchmarkEnvironment benchmark(arguments);
  benchmark.env.ReadTextFile(path)
      .FlatMap([](std::string_view line, weir::Collector<std::string_view>& out) { weir::SplitWords(line, out); })
      .KeyBy([](std::string_view word) { return word; })
      .Count()
      .SinkTo(weir::ChecksumSink<std::pair<std::string_view, int64_t>, HashOf>(HashOf{}));
  return benchmark.Report("word_count", bytes);
}
