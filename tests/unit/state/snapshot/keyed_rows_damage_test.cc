// Keyed rows as somebody might write them who means harm, or whose writer is broken: damage with right checksums over it. A reader answers with an error or with
// rows; under a sanitizer it is seen to read nothing else.
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "weir/base/coding.h"
#include "weir/base/hash.h"
#include "weir/base/random.h"
#include "weir/state/snapshot/keyed_rows_format.h"
#include "weir/state/snapshot/keyed_rows_scan.h"
#include "weir/state/snapshot/keyed_rows_sections.h"

#include "tests/unit/state/snapshot_to_memory.h"
#include "tests/unit/state/state_model.h"

namespace weir {
namespace {

using keyed_rows::kEnd;
using keyed_rows::kPage;
using keyed_rows::kSectionHead;

constexpr KeyGroupRange kGroups = {0, 3};
constexpr int kMaxParallelism = 4;
constexpr size_t kHeaderAt = 12;                                                        // behind magic and version
constexpr size_t kPageHead = kSectionHead + keyed_rows::kPagePlace + sizeof(uint64_t);  // up to the page

struct Everything : StatefulFunction {
  ValueState<int64_t> count{this, "count"};
  ValueState<std::string> last{this, "last", Ttl(Duration(1000))};
  ListState<std::string> list{this, "list", Ttl(Duration(1000))};
  MapState<int32_t, std::string> map{this, "map"};
};
struct Flat : StatefulFunction {
  ValueState<int64_t> count{this, "count"};
};
struct FlatLater : StatefulFunction {
  ValueState<double> more{this, "more"};
  ValueState<int64_t> count{this, "count"};
};

template <class Function>
struct Rows {
  explicit Rows(KeyForm form) : rows(NewRows(function, form, kGroups, kMaxParallelism)) { function.BindStates(*rows); }
  void At(std::string_view key) {
    const uint64_t hash = HashBytes(key);
    rows->Prepare({.bytes = &key}, &hash, 1, &function.key_context().row);
  }
  void At(int64_t key) {
    const uint64_t hash = Hash64(static_cast<uint64_t>(key));
    rows->Prepare({.integers = &key}, &hash, 1, &function.key_context().row);
  }

  Function function;
  std::unique_ptr<KeyedRows> rows;
};

std::string WrittenRows() {
  Rows<Everything> from(KeyForm::kBytes);
  for (const std::string key : {"ada", "bob", "eve", "joe"}) {
    from.At(key);
    from.function.count.Update(3);
    from.function.last.Update("x" + key);
    from.function.list.Add("first");
    from.function.list.Add("second");
    from.function.map.Put(4, "four");
  }
  from.rows->Finish();
  ByteWriter out;
  from.rows->Write(kGroups.first, kGroups.last, out);
  return std::move(out).Take();
}

// Puts the right checksum behind [begin, end).
void Seal(std::string& bytes, size_t begin, size_t end) {
  if (end > bytes.size() || bytes.size() - end < sizeof(uint64_t)) return;
  StoreLittleEndian(bytes.data() + end, HashBytes(std::string_view(bytes).substr(begin, end - begin)));
}

// The same of a string with its length before it. Returns where it ends, checksum included.
size_t SealString(std::string& bytes, size_t at) {
  if (at > bytes.size() || bytes.size() - at < sizeof(uint32_t)) return bytes.size();
  const size_t begin = at + sizeof(uint32_t);
  const size_t end = begin + LoadLittleEndian<uint32_t>(bytes.data() + at);
  Seal(bytes, begin, end);
  return end + sizeof(uint64_t);
}

// A native snapshot of its first two pages.
std::string WrittenPages() {
  Rows<Flat> from(KeyForm::kInteger);
  for (int64_t key = 0; key < 60000; ++key) {  // fewer would not be written as pages
    from.At(key);
    from.function.count.Update(key + 1);
  }
  from.rows->Finish();
  from.rows->EndStep();
  WrittenToMemory written;
  const bool is_full = false;
  const auto snapshot = from.rows->BeginSnapshot();
  KeyedSnapshotRequest request;
  request.is_native = request.may_be_shared = true;
  snapshot->Start(request, std::make_shared<MemorySink>(written, is_full));
  while (snapshot->Advance()) {
  }
  std::string bytes = written.bytes;
  const size_t first = SealString(bytes, SealString(bytes, kHeaderAt));
  const size_t page = kPageHead + LoadLittleEndian<uint64_t>(bytes.data() + first + 8);
  const uint32_t rows = LoadLittleEndian<uint32_t>(bytes.data() + first + 4) +
                        LoadLittleEndian<uint32_t>(bytes.data() + first + page + 4);
  ByteWriter two(bytes.substr(0, first + 2 * page));
  two.PutU32(kEnd);
  two.PutU32(0);
  two.PutU64(rows);
  two.PutU64(0);  // sealed later
  return std::move(two).Take();
}

// Makes all checksums right, as far as lengths lead to them.
void SealAll(std::string& bytes) {
  const uint32_t version = LoadLittleEndian<uint32_t>(bytes.data() + 8);
  size_t at = SealString(bytes, kHeaderAt);
  if (version == 3 || version == 4) at = SealString(bytes, at);
  while (at < bytes.size() && bytes.size() - at >= kSectionHead) {
    const uint32_t mark = LoadLittleEndian<uint32_t>(bytes.data() + at);
    const uint64_t length = LoadLittleEndian<uint64_t>(bytes.data() + at + 8);
    if (mark == kEnd) return Seal(bytes, at, at + kSectionHead);
    if (length > bytes.size()) return;
    const size_t sealed = (mark & kPage) != 0 ? kPageHead - sizeof(uint64_t) : kSectionHead + length;
    Seal(bytes, at, at + sealed);
    at += sealed + sizeof(uint64_t) + ((mark & kPage) != 0 ? length : 0);
  }
}

// One to four places are other than they were: a bit, a byte, or a number of four bytes that says too much.
std::string Damaged(std::string bytes, size_t most, SeededRandom& random) {
  static constexpr uint32_t kNumbers[] = {0, 1, 2, 31, 32, 33, 64, 255, 0x7fffffff, 0x80000000, 0xfffffff7, 0xffffffff};
  const size_t reach = std::min(most, bytes.size() - kHeaderAt - sizeof(uint32_t));
  for (uint64_t left = random.Uniform(4) + 1; left > 0; --left) {
    char* const at = bytes.data() + kHeaderAt + random.Uniform(reach);
    switch (random.Uniform(3)) {
      case 0:
        *at = static_cast<char>(*at ^ (1 << random.Uniform(8)));
        break;
      case 1:
        *at = static_cast<char>(random.Uniform(256));
        break;
      default:
        StoreLittleEndian(at, kNumbers[random.Uniform(std::size(kNumbers))]);
    }
  }
  SealAll(bytes);
  return bytes;
}

template <class Function>
Status ReadNative(KeyForm form, const std::string& bytes) {
  Rows<Function> to(form);
  const auto files = std::make_shared<MemoryFiles>(std::map<std::string, std::string>{{"1", bytes}});
  return to.rows->ReadNative({.format = "heap", .key_groups = kGroups, .files = files});
}

// What tools read: nothing of it is kept.
struct Tools final : RowScanner {
  Status OnHeader(const ScannedHeader&) override { return OkStatus(); }
  Status OnRow(const ScannedRow&) override { return OkStatus(); }
};

// Keeps how many rows were announced; takes none.
struct Announced final : KeyedRowsSink {
  void PrepareRows(const KeyColumn&, const uint64_t*, uint32_t, char**) override { FAIL(); }
  void Reserve(uint64_t count) override { rows = count; }
  uint64_t rows = 0;
};

template <class Function>
uint64_t AnnouncedIn(KeyForm form, std::string_view bytes) {
  const Rows<Function> of(form);
  const KeyedRowsShape shape{of.function.keyed_states(), of.rows->layout(), form, kGroups, kMaxParallelism};
  Announced announced;
  ByteReader in(bytes, "rows");
  EXPECT_EQ(ReadKeyedRows(shape, in, announced).code(), StatusCode::kDataLoss);
  return announced.rows;
}

TEST(KeyedRowsDamage, ReservesNoMemoryForRowsThatCannotBeThere) {
  std::string rows = WrittenRows();
  const size_t section = SealString(rows, kHeaderAt);
  StoreLittleEndian<uint32_t>(rows.data() + section + 4, 1 << 28);
  StoreLittleEndian<uint64_t>(rows.data() + section + 8, uint64_t{1} << 40);
  EXPECT_EQ(AnnouncedIn<Everything>(KeyForm::kBytes, rows), 0u);
  std::string pages = WrittenPages();
  const size_t page_header = SealString(pages, kHeaderAt) + sizeof(uint32_t);
  StoreLittleEndian<uint64_t>(pages.data() + page_header, uint64_t{1} << 40);
  SealAll(pages);
  pages.resize(pages.size() / 3);  // no page is whole
  EXPECT_LE(AnnouncedIn<FlatLater>(KeyForm::kInteger, pages), pages.size() / sizeof(int64_t));
}

TEST(KeyedRowsDamage, WithRightChecksumsEndsReadingWithAnErrorOrRows) {
  const std::string whole = WrittenRows();
  SeededRandom random(1);
  int refused = 0;
  constexpr int kRounds = 1500;
  for (int round = 0; round < kRounds; ++round) {
    SCOPED_TRACE(round);
    const std::string bytes = Damaged(whole, whole.size(), random);
    refused += ReadNative<Everything>(KeyForm::kBytes, bytes).ok() ? 0 : 1;
    Tools tools;
    (void)ScanKeyedRows(bytes, kGroups.first, kGroups.last, tools);
  }
  EXPECT_GT(refused, kRounds / 2);
  EXPECT_LT(refused, kRounds) << "checksums are wrong: nothing behind them is read";
}

TEST(KeyedRowsDamage, OfPagesEndsReadingWithAnErrorOrRows) {
  const std::string whole = WrittenPages();
  ASSERT_EQ(LoadLittleEndian<uint32_t>(whole.data() + 8), 4u) << "pages";
  SeededRandom random(2);
  int refused = 0;
  constexpr int kRounds = 500;
  for (int round = 0; round < kRounds; ++round) {
    SCOPED_TRACE(round);
    const std::string bytes = Damaged(whole, round % 2 == 0 ? 250 : whole.size(), random);
    refused += ReadNative<Flat>(KeyForm::kInteger, bytes).ok() ? 0 : 1;
    (void)ReadNative<FlatLater>(KeyForm::kInteger, bytes);
    Tools tools;
    (void)ScanKeyedRows(bytes, kGroups.first, kGroups.last, tools);
  }
  EXPECT_GT(refused, kRounds / 4);
  EXPECT_LT(refused, kRounds);
}

}  // namespace
}  // namespace weir
