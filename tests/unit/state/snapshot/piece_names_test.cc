#include "weir/state/snapshot/piece_names.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "weir/functions/state/map_pieces.h"
#include "weir/state/snapshot/keyed_rows_format.h"

#include "tests/harness/hex.h"
#include "tests/unit/state/state_model.h"

namespace weir {
namespace {

struct Scores : StatefulFunction {
  MapState<int16_t, int64_t> map{this, "map"};
};

// 440 entries in 5 pieces, so that there is one of each kind, in the two forms that go together: rows and pieces.
struct Written {
  explicit Written(KeyForm form) {
    Scores function;
    const auto rows = NewRows(function, form, {0, 3}, 4);
    function.BindStates(*rows);
    const int64_t integer = 7;
    const std::string_view bytes = "ada";
    const uint64_t hash = form == KeyForm::kInteger ? Hash64(7) : HashBytes(bytes);
    rows->Prepare({&integer, &bytes}, &hash, 1, &function.key_context().row);
    for (int16_t i = 0; i < 440; ++i) function.map.Put(i, i);
    rows->Finish();
    ByteWriter out;
    rows->Write(0, 3, out);
    row = std::string(out.bytes());
    out.Clear();
    rows->pieces()->Write(0, 3, out);
    pieces = std::string(out.bytes());
  }
  std::string row;
  std::string pieces;
};

TEST(Pieces,
     OfMapsHaveTheGoldenBytesOfVersion5) {  // docs/formats/keyed_rows.md explains these bytes; they may never change
  const Written written(KeyForm::kBytes);
  EXPECT_EQ(HexLines(written.row),
            "574549524b524f57010000001a000000010400000001000000030000006d6170\n"
            "020004000000011403057e5d3820ddbd339201000000010000002c0000000000\n"
            "000003000000616461010000001d0000000500000002b8010000000000003011\n"
            "000000000000ffffffffffffff7f42a6aece76ad0179ffffffff000000000100\n"
            "000000000000976afbc19f678cc8");
  EXPECT_EQ(HexLines(std::string_view(written.pieces).substr(0, 120)),
            "574549524b524f57050000001a000000020400000001000000030000006d6170\n"
            "020004000000011403054f4e2c4de2d8cf9f0100000005000000f81100000000\n"
            "0000170000008b734e263c754f7502010212c379dc6803000000616461010000\n"
            "00230500008300000000000000000000000000000b000b00");
  EXPECT_EQ(HashBytes(written.pieces), 17889532517833329318u);
  EXPECT_EQ(HashBytes(Written(KeyForm::kInteger).pieces), 188390947043940640u);
}

struct Series : StatefulFunction {
  ListState<int16_t> list{this, "list"};
};

TEST(Pieces,
     OfListsHaveTheGoldenBytesOfVersion6) {  // docs/formats/keyed_rows.md explains these bytes; they may never change
  Series function;
  const auto rows = NewRows(function, KeyForm::kBytes, {0, 3}, 4);
  function.BindStates(*rows);
  const std::string_view key = "ada";
  const uint64_t hash = HashBytes(key);
  rows->Prepare({.bytes = &key}, &hash, 1, &function.key_context().row);
  for (int16_t i = 0; i < 2100; ++i) function.list.Add(i);
  rows->Finish();
  ByteWriter out;
  rows->Write(0, 3, out);
  EXPECT_EQ(HexLines(out.bytes()),
            "574549524b524f57010000001a000000010400000001000000040000006c6973\n"
            "74010003000000011103467ff714500a3afe0100000001000000280000000000\n"
            "0000030000006164610100000019000000030000000200000000340800000000\n"
            "0000ffffffffffffff7f997750e1e213c194ffffffff00000000010000000000\n"
            "0000976afbc19f678cc8");
  out.Clear();
  rows->pieces()->Write(0, 3, out);
  EXPECT_EQ(HexLines(out.bytes().substr(0, 120)),
            "574549524b524f57060000001a000000020400000001000000040000006c6973\n"
            "740100030000000111032750f234e5c1a4940100000003000000e01000000000\n"
            "0000170000005544b21b64d60f69e1436aea3a5f4fb002000000616461010000\n"
            "006d00000034000000000008010802080308040805080608");
  EXPECT_EQ(HashBytes(out.bytes()), 1085565305565869845u);
}

TEST(Pieces, AreKnownByWhatIsWritten) {
  const Written written(KeyForm::kInteger);
  EXPECT_FALSE(HoldsPieces(ByteReader(written.row, "rows")));
  EXPECT_TRUE(HoldsPieces(ByteReader(written.pieces, "rows")));
  EXPECT_FALSE(HoldsPieces(ByteReader("", "rows")));
}

TEST(Pieces, ThatAreDamagedAreReported) {
  const Written written(KeyForm::kInteger);
  for (size_t at = 0; at < written.pieces.size(); at += 7) {
    Scores function;
    const auto rows = NewRows(function, KeyForm::kInteger, {0, 3}, 4);
    std::string damaged = written.pieces;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x20);
    ByteReader in(damaged, "rows");
    EXPECT_FALSE(rows->Read(in).ok()) << at;
    ByteReader cut(std::string_view(written.pieces).substr(0, at), "rows");
    EXPECT_FALSE(rows->Read(cut).ok()) << at;
  }
}

TEST(Pieces, LieInTheKeyGroupOfTheirKey) {
  Scores function;
  for (const int max_parallelism : {1, 3, 128, 32768}) {
    KeyedRowsShape shape;
    shape.states = function.keyed_states();
    shape.max_parallelism = max_parallelism;
    PieceNames names;
    for (int64_t key = 0; key < 50; ++key) {
      const uint64_t hash = Hash64(static_cast<uint64_t>(key));
      names.Set(shape, 0, {key, {}}, hash, 10, 20);
      for (uint32_t i = 0; i < 20; ++i) {
        EXPECT_EQ(KeyGroupForHash(names.hashes()[i], max_parallelism), KeyGroupForHash(hash, max_parallelism));
        const StatusOr<PieceName> name = PieceName::Of(names.keys().bytes[i]);
        EXPECT_EQ(name->number, 10 + i);
        EXPECT_EQ(name->state, HashBytes("map"));
        EXPECT_EQ(LoadLittleEndian<int64_t>(name->key.data()), key);
        EXPECT_EQ(internal::HashOfPiece(names.keys().bytes[i]), names.hashes()[i]);
      }
    }
  }
}

}  // namespace
}  // namespace weir
