#include "weir/config/configuration.h"

#include <gtest/gtest.h>

#include "weir/config/checkpoint_options.h"

namespace weir {

enum class Fruit { kApple, kPear };

template <>
struct ConfigEnum<Fruit> {
  static constexpr EnumName<Fruit> kNames[] = {
      {"apple", Fruit::kApple}, {"pear", Fruit::kPear}, {"pomme", Fruit::kApple}};
};

namespace {

using std::chrono_literals::operator""s;

const ConfigOption<int> kSlots{
    {.key = "test.slots", .doc = "Slots.", .deprecated_keys = {"test.old-slots"}}, 1, {.at_least = 1}};
const ConfigOption<Duration> kWait{{.key = "test.wait", .doc = "Wait."}, Duration(10s)};
const ConfigOption<Fruit> kFruit{{.key = "test.fruit", .doc = "Fruit."}, Fruit::kApple};
const ConfigOption<std::string> kFolder{{.key = "test.folder", .doc = "Folder."}};
const ConfigOption<TextMap> kWeights{{.key = "test.weights", .doc = "Weights."}, TextMap{}};
const ConfigOption<std::vector<int>> kPorts{{.key = "test.ports", .doc = "Ports."}, std::vector<int>{}};
const ConfigOption<bool> kLater{{.key = "test.later", .doc = "Later.", .status = OptionStatus::kPlanned}, false};

Configuration With(std::string_view key, std::string_view value) {
  Configuration config;
  config.SetText(key, value, "conf/config.yaml:14");
  return config;
}

TEST(Configuration, GivesTheDefaultUntilAValueIsSet) {
  Configuration config;
  EXPECT_EQ(config.Get(kSlots), 1);
  config.Set(kSlots, 4);
  EXPECT_EQ(config.Get(kSlots), 4);
  EXPECT_FALSE(config.Find(kFolder).has_value());
  config.Set(kFolder, "/data");
  EXPECT_EQ(config.Find(kFolder), "/data");
}

TEST(Configuration, ReadsEveryTypeFromText) {
  EXPECT_EQ(With("test.wait", "2 min").Get(kWait), Duration(120s));
  EXPECT_EQ(With("test.fruit", "PEAR").Get(kFruit), Fruit::kPear);
  EXPECT_EQ(With("test.fruit", "pomme").Get(kFruit), Fruit::kApple);
  EXPECT_EQ(With("test.ports", "80; 81").Get(kPorts), (std::vector<int>{80, 81}));
}

TEST(Configuration, SaysWhereAWrongValueStandsAndWhatIsExpected) {
  const Status error = With("test.slots", "four").TryGet(kSlots).status();
  EXPECT_EQ(error.message(), "conf/config.yaml:14: test.slots is \"four\"; expected a whole number >= 1. Default: 1.");
}

TEST(Configuration, ChecksLimitsOfWhatTheProgramSetsToo) {
  Configuration config;
  config.Set(kSlots, 0);
  EXPECT_EQ(CheckValues(config).message(),
            "the program: test.slots is \"0\"; expected a whole number >= 1. Default: 1.");
}

TEST(Configuration, TellsAnUnsetOptionWithoutDefaultFromAWrongOne) {
  EXPECT_EQ(Configuration().TryGet(kFolder).status().code(), StatusCode::kNotFound);
}

TEST(Configuration, LetsTheHigherLayerWinUnderAnyNameOfTheOption) {
  Configuration config = With("test.slots", "2");
  config.SetText("test.wait", "1 s", "conf/config.yaml:15");
  Configuration command_line;
  command_line.SetText("test.old-slots", "3", "the command line");
  config.Overlay(command_line);
  EXPECT_EQ(config.Get(kSlots), 3);
  EXPECT_EQ(config.Get(kWait), Duration(1s));
}

TEST(Configuration, PutsTheSingleEntriesOfAMapTogether) {
  Configuration config = With("test.weights", "a:1");
  config.SetText("test.weights.b", "2", "conf/config.yaml:15");
  EXPECT_EQ(config.Get(kWeights), (TextMap{{"a", "1"}, {"b", "2"}}));
}

TEST(Configuration, TakesTheBackendsOfFlink1) {
  for (const char* const name : {"hashmap", "filesystem", "jobmanager"}) {
    EXPECT_EQ(With("state.backend", name).Get(kStateBackend), StateBackendType::kHashMap) << name;
  }
  EXPECT_EQ(With("state.backend", "rocksdb").Get(kStateBackend), StateBackendType::kRocksDb);
}

TEST(Configuration, KeepsKeysThatItDoesNotKnow) {
  ASSERT_NE(With("some.other.key", "x").FindEntry("some.other.key"), nullptr);
  EXPECT_EQ(With("some.other.key", "x").FindEntry("some.other"), nullptr);
}

TEST(CheckValues, ReportsAllWrongValuesTogether) {
  Configuration config = With("test.slots", "four");
  config.SetText("test.fruit", "plum", "the command line");
  EXPECT_EQ(CheckValues(config).message(),
            "the command line: test.fruit is \"plum\"; expected one of apple, pear. Default: apple.\n"
            "conf/config.yaml:14: test.slots is \"four\"; expected a whole number >= 1. Default: 1.");
  EXPECT_TRUE(CheckValues(With("test.slots", "4")).ok());
}

TEST(WarningsFor, SuggestsTheNearestKey) {
  EXPECT_EQ(
      WarningsFor(With("test.slost", "4")),
      (std::vector<std::string>{"conf/config.yaml:14: unknown key test.slost is ignored; did you mean test.slots?"}));
}

TEST(WarningsFor, SaysWhyKeysAboutTheJvmAreIgnored) {
  EXPECT_EQ(
      WarningsFor(With("env.java.opts.all", "-Xmx1g")),
      (std::vector<std::string>{"conf/config.yaml:14: unknown key env.java.opts.all is ignored; it is about the JVM, "
                                "which Weir does not have."}));
}

TEST(WarningsFor, PointsOutOlderNamesAndOptionsWithoutEffect) {
  EXPECT_EQ(WarningsFor(With("test.old-slots", "4")),
            (std::vector<std::string>{
                "conf/config.yaml:14: test.old-slots is the older name of test.slots; it still works."}));
  EXPECT_EQ(
      WarningsFor(With("test.later", "true")),
      (std::vector<std::string>{"conf/config.yaml:14: test.later is accepted but has no effect in this version."}));
}

TEST(WarningsFor, KnowsTheEntriesOfMaps) { EXPECT_TRUE(WarningsFor(With("test.weights.a", "1")).empty()); }

}  // namespace
}  // namespace weir
