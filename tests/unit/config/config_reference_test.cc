#include "weir/config/config_reference.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "weir/config/config_option.h"

namespace weir {
namespace {

TEST(ConfigReference, IsWhatTheCommittedFileHolds) {
  std::ostringstream file;
  file << std::ifstream("docs/user/configuration.md").rdbuf();
  EXPECT_TRUE(file.str() == ConfigReference())
      << "docs/user/configuration.md is not current. Run: cmake --build --preset debug --target write_config_reference";
}

TEST(ConfigReference, DocumentsEveryOptionInWholeSentences) {
  for (const OptionBase* option : AllOptions()) {
    EXPECT_TRUE(option->doc().ends_with(".")) << option->key();
    EXPECT_NE(ConfigReference().find("| `" + std::string(option->key()) + "` |"), std::string::npos) << option->key();
  }
}

}  // namespace
}  // namespace weir
