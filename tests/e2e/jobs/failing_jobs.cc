// Jobs with one mistake each, for bad_input_test.py.
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "weir/weir.h"

namespace {

struct Number {
  int64_t value;
};

Number Halve(const Number& number) {
  if (number.value > 40 && number.value % 2 == 1) throw std::runtime_error(std::to_string(number.value) + " is odd");
  return Number{number.value / 2};
}

// Takes memory until there is none.
void Gorge() {
  std::vector<std::string> all;
  while (true) all.emplace_back(size_t{4} << 20, 'x');
}

// Writes until it may not.
void Fill(const std::string& path) {
  std::ofstream file(path);
  while (file << std::string(size_t{1} << 20, 'x') << std::flush) {
  }
  throw std::runtime_error("the file cannot grow");
}

}  // namespace

int main(int argc, char** argv) {
  weir::StreamExecutionEnvironment env(argc, argv);
  const std::string which = env.Parameters().Require(
      "which", "throw, duplicate-uid, unstable-key, or before there is a job: greedy (memory), filling (the disk)");
  const std::string output = env.Parameters().Get("output", "out", "folder for CSV files");

  if (which == "greedy") Gorge();
  if (which == "filling") Fill(output);

  auto numbers = env.FromSequence(1, 100'000).Map([](int64_t value) { return Number{value}; });
  if (which == "throw") {
    numbers.Map(Halve).Name("halve").SinkTo(weir::CsvFileSink<Number>(output));
  } else if (which == "duplicate-uid") {
    numbers.Map(Halve).Uid("same").Map(Halve).Uid("same").Print();
  } else {
    int64_t calls = 0;
    numbers.KeyBy([calls](const Number&) mutable { return ++calls % 7; }).Count().Print();
  }
  return env.Execute("failing job").ExitCode();
}
