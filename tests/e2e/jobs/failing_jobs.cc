// Jobs with one mistake each, for bad_input_test.py.
#include <stdexcept>
#include <string>

#include "weir/weir.h"

namespace {

struct Number {
  int64_t value;
};

Number Halve(const Number& number) {
  if (number.value > 40 && number.value % 2 == 1) throw std::runtime_error(std::to_string(number.value) + " is odd");
  return Number{number.value / 2};
}

}  // namespace

int main(int argc, char** argv) {
  weir::StreamExecutionEnvironment env(argc, argv);
  const std::string which = env.Parameters().Require("which", "throw, duplicate-uid or unstable-key");
  const std::string output = env.Parameters().Get("output", "out", "folder for CSV files");

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
