// Counts the words of a text. On the terminal it shows running counts, in files the final ones.
#include "weir/weir.h"

struct WordCount {
  std::string_view word;
  int64_t count;
};

int main(int argc, char** argv) {
  weir::StreamExecutionEnvironment env(argc, argv);
  const std::string input = env.Parameters().Get("input", "examples/data/moby_dick.txt", "a text file or a folder");
  const std::string output = env.Parameters().Get("output", "", "folder for CSV files; without it, the terminal");

  auto words = env.ReadTextFile(input)
                   .FlatMap([](std::string_view line, weir::Collector<std::string_view>& out) {
                     weir::SplitWords(line, out);  // lower-cased runs of [a-z0-9_]
                   })
                   .KeyBy([](std::string_view word) { return word; });
  if (output.empty()) {
    words.Count().Print();
  } else {
    words.Window(weir::GlobalWindows::WithEndOfStreamTrigger())
        .Aggregate(weir::Count(), [](std::string_view word, const weir::GlobalWindow&,
                                     int64_t count) { return WordCount{word, count}; })
        .SinkTo(weir::CsvFileSink<WordCount>(output));
  }
  return env.Execute("word count").ExitCode();
}
