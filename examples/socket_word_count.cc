// Counts the words that arrive at a socket, as they arrive. To try it: `nc -lk 9999`, and type.
#include <cstdlib>

#include "weir/weir.h"

struct WordCount {
  std::string_view word;
  int64_t count;
};

int main(int argc, char** argv) {
  weir::StreamExecutionEnvironment env(argc, argv);
  const std::string input = env.Parameters().Get("input", "localhost:9999", "host:port of the server that sends text");
  const std::string output = env.Parameters().Get("output", "", "folder for CSV files; without it, the terminal");

  const std::string host = input.substr(0, input.rfind(':'));
  const int port = std::atoi(input.substr(input.rfind(':') + 1).c_str());
  auto counts =
      env.SocketTextStream(host, port)
          .FlatMap([](std::string_view line, weir::Collector<std::string_view>& out) { weir::SplitWords(line, out); })
          .KeyBy([](std::string_view word) { return word; })
          .Count()
          .Map([](const auto& running) { return WordCount{running.first, running.second}; });
  if (output.empty()) {
    counts.Print();
  } else {
    counts.SinkTo(weir::CsvFileSink<WordCount>(output));
  }
  return env.Execute("socket word count").ExitCode();
}
