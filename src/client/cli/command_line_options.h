// The command line of `weir`: options with Flink's names, then what they are for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "weir/base/status.h"
#include "weir/config/configuration.h"

namespace weir::cli {

// One option of a command.
struct OptionSpec {
  std::string_view long_name;   // "parallelism"
  std::string_view short_name;  // "p"; may be empty
  std::string_view value;       // "<number>"; empty: a flag; "[folder]": may be left out
  std::string_view doc;
  std::string_view choices = {};  // "remote local": all values that there are; empty: many, or unknown
};

// What was given for a command.
struct ParsedLine {
  std::string command;  // "run"
  // By long name; flags have the value "true".
  std::vector<std::pair<std::string, std::string>> options;
  Configuration properties;              // -Dkey=value
  std::vector<std::string> positionals;  // for `run`: the program and its arguments

  bool Has(std::string_view long_name) const;
  // The last value; empty if it was not given.
  std::string Get(std::string_view long_name) const;
  // All values, of an option that may be given several times.
  std::vector<std::string> GetAll(std::string_view long_name) const;
};

// `stops_at_positional`: what comes after the first positional is not looked at, since it is a program's own. Errors name the option and what there is.
StatusOr<ParsedLine> ParseLine(const std::vector<OptionSpec>& specs, const std::vector<std::string>& arguments,
                               bool stops_at_positional);

// Options that stand behind the program, `weir check ./job -s <path>`, are taken from among its arguments. For commands without sense until one of them is
// given: whoever gives it before the program leaves all that follows to that.
StatusOr<ParsedLine> TakeOptionsBehindProgram(const std::vector<OptionSpec>& specs, ParsedLine line);

// A line per option.
std::string OptionsText(const std::vector<OptionSpec>& specs);

}  // namespace weir::cli
