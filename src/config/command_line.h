// The command line of a job: the program's own parameters and Weir's options.
//
//   ./flights_hourly --input flights.csv --window "30 min" --verbose -p 4 -Dpipeline.auto-watermark-interval=50ms
//
// Parameters are not declared: asking for one registers its name, default and documentation, so that by the time the
// job is executed, an option that nobody has asked for is a mistake, and `--help` can list all.
//
// Written as `--name value`, `--name=value` or `-name value`; `--name` alone, before another option or at the end,
// means "true". What begins with a digit after the minus sign is a value: `--offset -5`. The last one counts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/status.h"
#include "weir/base/time.h"
#include "weir/config/configuration.h"
#include "weir/config/memory_size.h"

namespace weir {

// The program's own parameters. One thread.
class Parameters {
 public:
  // The value of `--name`, or the default. `doc` is for --help. A value of the wrong type gives the default, and the
  // job does not start: its execution returns the error.
  std::string Get(std::string_view name, const char* default_value, std::string_view doc = {});
  std::string Get(std::string_view name, const std::string& default_value, std::string_view doc = {});
  bool Get(std::string_view name, bool default_value, std::string_view doc = {});
  int Get(std::string_view name, int default_value, std::string_view doc = {});
  int64_t Get(std::string_view name, int64_t default_value, std::string_view doc = {});
  double Get(std::string_view name, double default_value, std::string_view doc = {});
  Duration Get(std::string_view name, Duration default_value, std::string_view doc = {});
  MemorySize Get(std::string_view name, MemorySize default_value, std::string_view doc = {});

  // As Get for a parameter that must be given. If it is not, the result is "", and the job does not start.
  std::string Require(std::string_view name, std::string_view doc = {});

  // Whether `--name` was given. Registers it.
  bool Has(std::string_view name, std::string_view doc = {});

 private:
  friend class CommandLine;

  struct Argument {
    std::string name;  // without minus signs; empty for a value that belongs to no option
    std::string value;
    bool has_value = false;
  };
  struct Declared {
    std::string name;
    std::string type;          // "text", "duration"
    std::string default_text;  // "" for required ones
    std::string doc;
    bool required = false;
  };

  template <class T>
  T GetTyped(std::string_view name, const T& default_value, std::string_view doc);
  void Declare(Declared parameter);
  const Argument* Find(std::string_view name) const;

  std::vector<Argument> arguments_;
  std::vector<Declared> declared_;
  // Values of the wrong type and missing required parameters.
  std::vector<std::string> errors_;
};

// Splits a command line into the program's parameters and Weir's configuration. One thread.
class CommandLine {
 public:
  // Never fails: what is wrong is reported by `Check`. `argv[0]` is the program.
  CommandLine(int argc, const char* const* argv);

  Parameters& parameters() { return parameters_; }
  // What -p, --parallelism and -Dkey=value set; the layer between the file and the program.
  const Configuration& configuration() const { return configuration_; }
  // The program's name without its folder.
  const std::string& program() const { return program_; }

  bool help_requested() const { return help_requested_; }
  // The text of --help: usage, the parameters asked for so far, Weir's options.
  std::string HelpText() const;

  // Everything that is wrong with the command line, a line each. Call it when the program has asked for all of its
  // parameters, just before the job starts; on an error print it and end with exit code 1.
  Status Check() const;

 private:
  // Takes the option at argv[index] if it is one of Weir's; returns how many arguments it took, 0 if it is not.
  int TakeWeirOption(int argc, const char* const* argv, int index);
  // Likewise, of `argument` and what stands behind it: `next`, or null.
  int TakeOptionWithValue(std::string_view argument, const char* next);
  void TakeProperty(std::string_view assignment);
  // "(default: x)", "(required)" or nothing.
  static std::string NoteOn(const Parameters::Declared& parameter);
  std::string UnknownOptionError(std::string_view name) const;

  std::string program_;
  Parameters parameters_;
  Configuration configuration_;
  bool help_requested_ = false;
  std::vector<std::string> errors_;
};

}  // namespace weir
