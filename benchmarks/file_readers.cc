// The readers of text and CSV files against a natural program that reads the same file: blocks of 64 KiB by read(2), memchr for lines and cells, from_chars
// for numbers.
//
//   file_readers ours|baseline [--format text|csv] [--records n]
//
// The file is written to the temporary folder outside the measured time, and read once before it.
#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/clock.h"
#include "weir/base/file/file_system.h"
#include "weir/base/hash.h"
#include "weir/connectors/file/csv_file_source.h"
#include "weir/connectors/file/text_file_source.h"
#include "weir/types/batch_pool.h"
#include "weir/types/batch_type.h"

#include "measure.h"

namespace {

struct Flight {
  int64_t id;
  weir::Timestamp departure;
  int32_t delay;
  int32_t distance;
  std::string_view origin, destination;
};

struct Options {
  bool ours = true;
  bool csv = false;
  int64_t records = 3'000'000;
};

Options Parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "baseline") options.ours = false;
    if (argument == "csv") options.csv = true;
    if (argument == "--records" && i + 1 < argc) options.records = std::atoll(argv[i + 1]);
  }
  return options;
}

[[noreturn]] void Fail(const std::string& why) {
  std::fprintf(stderr, "file_readers: %s\n", why.c_str());
  std::exit(1);
}

// Ten words of 2 to 9 letters a line; or flights as in examples/data, a minute apart.
std::string MakeContent(const Options& options) {
  uint64_t state = 42;
  const auto next = [&state] { return weir::Hash64(++state); };
  std::string content = options.csv ? "id,departure,delay,distance,origin,destination\n" : "";
  for (int64_t i = 0; i < options.records; ++i) {
    if (options.csv) {
      const int64_t minute = i / 12;
      char row[128];
      const uint64_t r = next();
      content.append(
          row, static_cast<size_t>(std::snprintf(
                   row, sizeof row, "%" PRId64 ",2001-%02d-%02d %02d:%02d:00,%d,%d,A%c%c,B%c%c\n", i + 1,
                   static_cast<int>(minute / 1440 / 28 % 12 + 1), static_cast<int>(minute / 1440 % 28 + 1),
                   static_cast<int>(minute / 60 % 24), static_cast<int>(minute % 60), static_cast<int>(r % 200) - 30,
                   static_cast<int>(r / 256 % 3000), 'A' + char(r >> 20 & 15), 'A' + char(r >> 24 & 15),
                   'A' + char(r >> 28 & 15), 'A' + char(r >> 32 & 15))));
      continue;
    }
    for (int word = 0; word < 10; ++word) {
      const uint64_t r = next();
      content.append(2 + r % 8, static_cast<char>('a' + r / 8 % 26)).push_back(word < 9 ? ' ' : '\n');
    }
  }
  return content;
}

void WriteContent(const std::string& path, const std::string& content) {
  std::FILE* const file = std::fopen(path.c_str(), "w");
  if (file == nullptr || std::fwrite(content.data(), 1, content.size(), file) != content.size()) Fail("cannot write");
  std::fclose(file);
}

uint64_t First8(std::string_view text) {
  uint64_t word = 0;
  std::memcpy(&word, text.data(), std::min<size_t>(text.size(), 8));
  return word;
}

struct Totals {
  int64_t records = 0;
  uint64_t checksum = 0;

  void Add(std::string_view line) {
    ++records;
    checksum += First8(line) * 31 + line.size();
  }
  void Add(const Flight& f) {
    ++records;
    checksum += static_cast<uint64_t>(f.id) + static_cast<uint64_t>(f.departure.time_since_epoch().count()) * 3 +
                static_cast<uint64_t>(f.delay) * 5 + static_cast<uint64_t>(f.distance) * 7 + First8(f.origin) * 11 +
                First8(f.destination) * 13;
  }
};

template <class T, class S>
Totals Ours(const std::string& path) {
  weir::LocalFileSystem files;
  weir::RuntimeContext::Values values;
  values.file_system = &files;
  values.clock = &weir::SystemClock::Instance();
  auto reader = S(path).CreateReader(weir::RuntimeContext(values)).value();
  if (!reader->AddSplits({{.path = path}}).ok()) Fail("cannot add the split");
  reader->NoMoreSplits();
  weir::BatchPoolHandle pool(&weir::BatchTypeOf<T>());
  Totals totals;
  while (true) {
    weir::BatchBase* const batch = pool->Get();
    const weir::ReadResult result = reader->ReadBatch(*batch, {});
    weir::AsBatch<T>(*batch).ForEach([&totals](const T& record, uint32_t) { totals.Add(record); });
    weir::Recycle(batch);
    if (result.kind == weir::ReadResult::Kind::kError) Fail(result.error.ToString());
    if (result.kind == weir::ReadResult::Kind::kEnd) return totals;
  }
}

// Calls take(line) for each line of the file.
template <class Take>
void ForEachLine(const std::string& path, Take take) {
  const int file = open(path.c_str(), O_RDONLY);
  std::vector<char> buffer(64 * 1024);
  size_t left = 0;
  while (true) {
    const ssize_t got = read(file, buffer.data() + left, buffer.size() - left);
    if (got <= 0) break;
    const char* at = buffer.data();
    const char* const end = at + left + got;
    while (const char* const line_end =
               static_cast<const char*>(std::memchr(at, '\n', static_cast<size_t>(end - at)))) {
      take(std::string_view(at, static_cast<size_t>(line_end - at)));
      at = line_end + 1;
    }
    left = static_cast<size_t>(end - at);
    std::memmove(buffer.data(), at, left);
  }
  close(file);
}

std::string_view NextCell(std::string_view& line) {
  const void* const comma = std::memchr(line.data(), ',', line.size());
  const size_t length =
      comma != nullptr ? static_cast<size_t>(static_cast<const char*>(comma) - line.data()) : line.size();
  const std::string_view cell = line.substr(0, length);
  line.remove_prefix(std::min(line.size(), length + 1));
  return cell;
}

template <class T>
T Number(std::string_view cell) {
  T value{};
  if (std::from_chars(cell.data(), cell.data() + cell.size(), value).ec != std::errc()) Fail("not a number");
  return value;
}

weir::Timestamp Time(std::string_view cell) {
  using namespace std::chrono;
  const auto number = [&](size_t at, size_t length) { return Number<unsigned>(cell.substr(at, length)); };
  const year_month_day date(year(static_cast<int>(number(0, 4))), month(number(5, 2)), day(number(8, 2)));
  if (!date.ok()) Fail("not a date");
  return sys_days(date) + hours(number(11, 2)) + minutes(number(14, 2)) + seconds(number(17, 2));
}

Totals Baseline(const std::string& path, bool csv) {
  Totals totals;
  bool header = csv;
  ForEachLine(path, [&](std::string_view line) {
    if (!csv) return totals.Add(line);
    if (std::exchange(header, false)) return;
    Flight flight;
    flight.id = Number<int64_t>(NextCell(line));
    flight.departure = Time(NextCell(line));
    flight.delay = Number<int32_t>(NextCell(line));
    flight.distance = Number<int32_t>(NextCell(line));
    flight.origin = NextCell(line);
    flight.destination = NextCell(line);
    totals.Add(flight);
  });
  return totals;
}

Totals Run(const Options& options, const std::string& path) {
  if (!options.ours) return Baseline(path, options.csv);
  return options.csv ? Ours<Flight, weir::CsvFileSource<Flight>>(path)
                     : Ours<std::string_view, weir::TextFileSource>(path);
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = Parse(argc, argv);
  const char* const folder = std::getenv("TMPDIR");
  const std::string path = std::string(folder != nullptr ? folder : "/tmp") + "/weir_file_readers_" +
                           std::to_string(getpid()) + (options.csv ? ".csv" : ".txt");
  WriteContent(path, MakeContent(options));
  Run(options, path);
  const weir::bench::Stopwatch watch;
  const Totals totals = Run(options, path);
  const double cpu_s = watch.CpuSeconds();
  const double wall_s = watch.WallSeconds();
  std::remove(path.c_str());
  weir::bench::Report("file_readers", totals.records, cpu_s, wall_s, totals.checksum);
}
