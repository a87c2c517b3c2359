#include "weir/rpc/program/program_libraries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "weir/base/file/process.h"

namespace weir {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Field;

TEST(ProgramLibraries, ReadsWhatTheLoaderSays) {
  const ProgramLibraries libraries = ReadTrace(
      "\tlinux-vdso.so.1 (0x00007ffd)\n"
      "\tlibweir.so.0 => /opt/weir/lib/libweir.so.0 (0x00007f01)\n"
      "\tlibgone.so.2 => not found\n"
      "\tlibgone.so.2 => not found\n"
      "undefined symbol: _ZN4goneEv\t(./job)\n");
  ASSERT_EQ(libraries.loaded.size(), 1u);
  EXPECT_EQ(libraries.loaded[0].name, "libweir.so.0");
  EXPECT_EQ(libraries.loaded[0].path, "/opt/weir/lib/libweir.so.0");
  EXPECT_THAT(libraries.missing, ElementsAre("libgone.so.2"));
  EXPECT_THAT(libraries.symbols, ElementsAre("_ZN4goneEv"));
  EXPECT_EQ(libraries.Describe(), "it needs shared libraries that are not here: libgone.so.2");
}

TEST(ProgramLibraries, NamesMissingSymbolsWhenAllLibrariesAreThere) {
  ProgramLibraries libraries;
  libraries.symbols = {"a", "b", "c", "d", "e", "f", "g"};
  EXPECT_EQ(libraries.Describe(), "no library defines symbols that it needs: a, b, c, d, e and 2 more");
}

TEST(ProgramLibraries, ThisProgramIsComplete) {
  LocalFileSystem files;
  const std::string self = *CurrentExecutablePath();
  const auto libraries = TraceLibraries(files, self, "", testing::TempDir() + "/program_libraries_test");
  ASSERT_TRUE(libraries.ok()) << libraries.status().message();
  EXPECT_TRUE(libraries->IsComplete()) << libraries->Describe();
  EXPECT_THAT(libraries->loaded, Contains(Field(&LoadedLibrary::name, testing::StartsWith("libweir.so"))));
}

TEST(ProgramLibraries, OnlyTheSystemsOwnStayBehind) {
  EXPECT_TRUE(IsSystemLibrary({"libz.so.1", "/lib/x86_64-linux-gnu/libz.so.1"}));
  EXPECT_FALSE(IsSystemLibrary({"libmine.so", "/opt/mine/libmine.so"}));
  EXPECT_FALSE(IsSystemLibrary({"libweir.so.0", "/usr/lib/libweir.so.0"}));
}

}  // namespace
}  // namespace weir
