#include "weir/functions/split_words.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "weir/types/batch_pool.h"
#include "weir/types/batch_type.h"

namespace weir {
namespace {

// Takes batches of a few rows, so that a line fills several.
class WordOutput : public BatchOutput {
 public:
  void Accept(BatchBase* batch) override {
    for (uint32_t row = 0; row < batch->size; ++row) {
      words.emplace_back(static_cast<const std::string_view*>(batch->rows)[row]);
    }
    Recycle(batch);
  }
  BatchBase* Fresh() override { return pool_->Get(); }
  bool IsAvailable() const override { return true; }

  std::vector<std::string> words;

 private:
  BatchPoolHandle pool_{&BatchTypeOf<std::string_view>(), 2};
};

std::vector<std::string> WordsOf(std::string_view line) {
  WordOutput output;
  Collector<std::string_view> collector;
  collector.Bind(&output, true, false);
  SplitWords(line, collector);
  collector.Flush();
  return output.words;
}

using Words = std::vector<std::string>;

TEST(SplitWords, TakesRunsOfLettersDigitsAndUnderscores) {
  EXPECT_EQ(WordsOf("to be, or not-to-be? a_1 2nd"), (Words{"to", "be", "or", "not", "to", "be", "a_1", "2nd"}));
}

TEST(SplitWords, LowerCasesCapitals) {
  EXPECT_EQ(WordsOf("Call me ISHMAEL"), (Words{"call", "me", "ishmael"}));
  EXPECT_EQ(WordsOf(std::string(300, 'Q')), Words{std::string(300, 'q')});
}

TEST(SplitWords, LetsBytesOutsideAsciiSeparate) {
  EXPECT_EQ(WordsOf("the whale\xE2\x80\x94it\xE2\x80\x99s na\xC3\xAFve"),
            (Words{"the", "whale", "it", "s", "na", "ve"}));
}

TEST(SplitWords, FindsNothingInNothing) {
  EXPECT_EQ(WordsOf(""), Words{});
  EXPECT_EQ(WordsOf(" .,;\t"), Words{});
}

}  // namespace
}  // namespace weir
