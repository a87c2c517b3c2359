#include "weir/client/cli/command_line_options.h"

#include <algorithm>
#include <utility>

#include "weir/config/nearest_name.h"

namespace weir::cli {
namespace {

// Flink's options take one or two minus signs alike.
std::string_view NameOf(std::string_view argument) {
  argument.remove_prefix(argument.starts_with("--") ? 2 : 1);
  return argument.substr(0, argument.find('='));
}

const OptionSpec* FindOption(const std::vector<OptionSpec>& specs, std::string_view name) {
  const auto found = std::ranges::find_if(specs, [&](const OptionSpec& spec) {
    return spec.long_name == name || (!spec.short_name.empty() && spec.short_name == name);
  });
  return found == specs.end() ? nullptr : &*found;
}

// Options of Flink that mean nothing here, and what to do instead.
struct ForeignOption {
  std::string_view names;  // between blanks
  std::string_view why;
};

constexpr ForeignOption kForeignOptions[] = {
    {" c class ", "names a Java class, and a Weir program is an executable with one main(). Leave it out."},
    {" C classpath ",
     "adds to a JVM's class path. A job is linked with its libraries; --ship sends along what it loads."},
    {" j jarfile ", "names a jar. The executable stands behind the options: weir run [options] ./job [arguments]"},
    {" py python pyfs pyFiles pym pyModule pyarch pyArchives pyexec pyExecutable pyreq pyRequirements ",
     "is for Python jobs, which Weir does not run."},
    {" z zookeeperNamespace ",
     "is for ZooKeeper. high-availability.cluster-id tells clusters apart that share a folder."},
    {" e executor ", "is Flink's old name of -t/--target."},
    {" yid yarnapplicationId yD yd yjm yjar ynm yq yqu ys yt ytm yz ",
     "is for YARN. -m <host:port> names the JobManager."},
    {" q sysoutLogging ", "turned Flink's client log off. The command line prints what it must and no more."},
};

// "-p4": the number stands behind the letter.
const OptionSpec* FindWithNumber(const std::vector<OptionSpec>& specs, std::string_view argument) {
  const bool has_number = argument.size() > 2 && argument[1] != '-' &&
                          argument.find_first_not_of("0123456789", 2) == std::string_view::npos;
  const OptionSpec* const spec = has_number ? FindOption(specs, argument.substr(1, 1)) : nullptr;
  return spec == nullptr || spec->value.empty() ? nullptr : spec;
}

std::string ExplainForeign(std::string_view name) {
  const std::string word = " " + std::string(name) + " ";
  for (const ForeignOption& option : kForeignOptions) {
    if (option.names.find(word) != std::string_view::npos) return std::string(option.why);
  }
  return {};
}

// ` Did you mean "--parallelism"?`, or nothing. One or two letters are near to all other short names, and say nothing.
std::string MeantOption(const std::vector<OptionSpec>& specs, std::string_view name) {
  std::vector<std::string_view> names;
  for (const OptionSpec& spec : specs) names.push_back(spec.long_name);
  const std::string_view nearest = NearestName(name, names);
  return nearest.empty() ? "" : " Did you mean \"--" + std::string(nearest) + "\"?";
}

Status TakeProperty(std::string_view assignment, Configuration& properties) {
  const size_t equals = assignment.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return InvalidArgumentError("expected -D<key>=<value>, got \"-D" + std::string(assignment) + "\"");
  }
  properties.SetText(assignment.substr(0, equals), assignment.substr(equals + 1), "the command line");
  return OkStatus();
}

bool IsOption(std::string_view argument) { return argument.starts_with('-') && argument != "-"; }

// The option at arguments[i] and its value, of which arguments[i] is the last word then.
Status TakeOption(const OptionSpec& spec, const std::vector<std::string>& arguments, size_t& i, ParsedLine& line) {
  const std::string& argument = arguments[i];
  const size_t equals = argument.find('=');
  std::string value = "true";
  if (spec.value.starts_with('[')) {
    // The next word is its value, unless that must be the command's own: then the command finds out by itself.
    const bool has_value =
        equals != std::string::npos || (i + 1 < arguments.size() && !arguments[i + 1].starts_with('-'));
    value = equals != std::string::npos ? argument.substr(equals + 1) : has_value ? arguments[++i] : "";
  } else if (!spec.value.empty()) {
    if (equals == std::string::npos && i + 1 >= arguments.size()) {
      return InvalidArgumentError("option \"" + argument + "\" needs a value: " + std::string(spec.value));
    }
    value = equals != std::string::npos ? argument.substr(equals + 1) : arguments[++i];
  } else if (equals != std::string::npos) {
    return InvalidArgumentError("option \"" + argument.substr(0, equals) +
                                "\" takes no value: it is given or left out, got \"" + argument + "\"");
  }
  line.options.emplace_back(spec.long_name, std::move(value));
  return OkStatus();
}

}  // namespace

bool ParsedLine::Has(std::string_view long_name) const {
  return std::ranges::any_of(options, [&](const auto& option) { return option.first == long_name; });
}

std::string ParsedLine::Get(std::string_view long_name) const {
  std::string value;
  for (const auto& [name, given] : options) {
    if (name == long_name) value = given;
  }
  return value;
}

std::vector<std::string> ParsedLine::GetAll(std::string_view long_name) const {
  std::vector<std::string> values;
  for (const auto& [name, given] : options) {
    if (name == long_name) values.push_back(given);
  }
  return values;
}

StatusOr<ParsedLine> ParseLine(const std::vector<OptionSpec>& specs, const std::vector<std::string>& arguments,
                               bool stops_at_positional) {
  ParsedLine line;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    const bool ends_options = argument == "--";
    if (!IsOption(argument) || ends_options) {
      if (!ends_options) line.positionals.push_back(argument);
      if (!ends_options && !stops_at_positional) continue;
      line.positionals.insert(line.positionals.end(), arguments.begin() + static_cast<ptrdiff_t>(i) + 1,
                              arguments.end());
      break;
    }
    if (argument.starts_with("-D")) {
      const bool is_apart = argument.size() == 2 && i + 1 < arguments.size();
      WEIR_RETURN_IF_ERROR(TakeProperty(is_apart ? arguments[++i] : argument.substr(2), line.properties));
      continue;
    }
    const std::string_view name = NameOf(argument);
    const OptionSpec* const spec = FindOption(specs, name);
    if (const OptionSpec* const numbered = spec == nullptr ? FindWithNumber(specs, argument) : nullptr) {
      line.options.emplace_back(numbered->long_name, argument.substr(2));
      continue;
    }
    if (spec == nullptr) {
      const std::string foreign = ExplainForeign(name);
      if (!foreign.empty()) return InvalidArgumentError("\"" + argument + "\" " + foreign);
      return InvalidArgumentError("unknown option \"" + argument + "\"." + MeantOption(specs, name) + " Options:\n" +
                                  OptionsText(specs));
    }
    WEIR_RETURN_IF_ERROR(TakeOption(*spec, arguments, i, line));
  }
  return line;
}

StatusOr<ParsedLine> TakeOptionsBehindProgram(const std::vector<OptionSpec>& specs, ParsedLine line) {
  const std::vector<std::string> arguments = std::exchange(line.positionals, {});
  for (size_t i = 0; i < arguments.size(); ++i) {
    const bool may_be = i > 0 && IsOption(arguments[i]);
    const OptionSpec* const spec = may_be ? FindOption(specs, NameOf(arguments[i])) : nullptr;
    if (spec != nullptr) {
      WEIR_RETURN_IF_ERROR(TakeOption(*spec, arguments, i, line));
    } else {
      line.positionals.push_back(arguments[i]);
    }
  }
  return line;
}

std::string OptionsText(const std::vector<OptionSpec>& specs) {
  constexpr size_t kColumn = 38;
  std::string text;
  for (const OptionSpec& spec : specs) {
    std::string names = "  ";
    if (!spec.short_name.empty()) names += "-" + std::string(spec.short_name) + ", ";
    names += "--" + std::string(spec.long_name);
    if (!spec.value.empty()) names += " " + std::string(spec.value);
    names.resize(std::max(names.size() + 1, kColumn), ' ');
    text += names + std::string(spec.doc) + "\n";
  }
  return text;
}

}  // namespace weir::cli
