#include "weir/config/command_line.h"

#include <algorithm>
#include <utility>

#include "weir/config/checkpoint_options.h"
#include "weir/config/nearest_name.h"
#include "weir/config/pipeline_options.h"

namespace weir {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// "-5" and "-.5" are values, "-" alone is one too (standard input).
bool IsOption(std::string_view argument) {
  return argument.size() > 1 && argument[0] == '-' && !IsDigit(argument[1]) && argument[1] != '.';
}

std::string_view WithoutMinusSigns(std::string_view argument) {
  argument.remove_prefix(argument.starts_with("--") ? 2 : 1);
  return argument;
}

// Options of Weir that take a value, as Flink's command line names them.
struct WeirOption {
  std::string_view name;
  std::string_view key;
  const char* value;  // what is expected
};
constexpr char kSubtasks[] = "the number of parallel subtasks, >= 1";
constexpr char kSnapshot[] = "the path of a savepoint or checkpoint, or latest";
constexpr WeirOption kWeirOptions[] = {
    {"-p", "parallelism.default", kSubtasks},
    {"--parallelism", "parallelism.default", kSubtasks},
    {"-s", "execution.state-recovery.path", kSnapshot},
    {"--restore", "execution.state-recovery.path", kSnapshot},
    {"--fromSavepoint", "execution.state-recovery.path", kSnapshot},
    {"--claimMode", "execution.state-recovery.claim-mode", "NO_CLAIM, CLAIM or LEGACY"},
};

// A value as help shows it: empty text would look as if something were missing.
std::string ShownDefault(const std::string& text) { return text.empty() ? "\"\"" : text; }

// "  --name <type>        doc" with the second column at a fixed place.
std::string HelpLine(std::string left, const std::string& right) {
  constexpr size_t kSecondColumn = 34;
  left.insert(0, "  ");
  if (right.empty()) return left + "\n";
  left.resize(std::max(left.size() + 2, kSecondColumn), ' ');
  return left + right + "\n";
}

std::string Description(const std::string& doc, const std::string& note) {
  return doc.empty() || note.empty() ? doc + note : doc + " " + note;
}

}  // namespace

template <class T>
T Parameters::GetTyped(std::string_view name, const T& default_value, std::string_view doc) {
  const std::string default_text = ConfigValue<T>::Format(default_value);
  Declare({std::string(name), ConfigValue<T>::Type(), default_text, std::string(doc), false});
  const Argument* argument = Find(name);
  if (argument == nullptr) return default_value;
  StatusOr<T> value = ConfigValue<T>::Parse(argument->value);
  if (value.ok()) return std::move(value).value();
  errors_.push_back("--" + std::string(name) + " is \"" + argument->value + "\"; expected " +
                    std::string(value.status().message()) + ". Default: " + ShownDefault(default_text) + ".");
  return default_value;
}

std::string Parameters::Get(std::string_view name, const std::string& default_value, std::string_view doc) {
  const Argument* argument = Find(name);
  if (argument != nullptr && !argument->has_value) {
    errors_.push_back("--" + std::string(name) + " needs a value: --" + std::string(name) + " <text>.");
  }
  return GetTyped<std::string>(name, default_value, doc);
}

std::string Parameters::Get(std::string_view name, const char* default_value, std::string_view doc) {
  return Get(name, std::string(default_value), doc);
}
bool Parameters::Get(std::string_view name, bool default_value, std::string_view doc) {
  return GetTyped<bool>(name, default_value, doc);
}
int Parameters::Get(std::string_view name, int default_value, std::string_view doc) {
  return GetTyped<int>(name, default_value, doc);
}
int64_t Parameters::Get(std::string_view name, int64_t default_value, std::string_view doc) {
  return GetTyped<int64_t>(name, default_value, doc);
}
double Parameters::Get(std::string_view name, double default_value, std::string_view doc) {
  return GetTyped<double>(name, default_value, doc);
}
Duration Parameters::Get(std::string_view name, Duration default_value, std::string_view doc) {
  return GetTyped<Duration>(name, default_value, doc);
}
MemorySize Parameters::Get(std::string_view name, MemorySize default_value, std::string_view doc) {
  return GetTyped<MemorySize>(name, default_value, doc);
}

std::string Parameters::Require(std::string_view name, std::string_view doc) {
  Declare({std::string(name), "text", "", std::string(doc), true});
  const Argument* argument = Find(name);
  if (argument != nullptr && argument->has_value) return argument->value;
  errors_.push_back("--" + std::string(name) + " is missing" + (doc.empty() ? "" : ": " + std::string(doc)) +
                    ". Give it as --" + std::string(name) + " <text>.");
  return {};
}

bool Parameters::Has(std::string_view name, std::string_view doc) {
  Declare({std::string(name), "boolean", "false", std::string(doc), false});
  return Find(name) != nullptr;
}

void Parameters::Declare(Declared parameter) {
  const auto same = [&parameter](const Declared& other) { return other.name == parameter.name; };
  // The first call wins: a program may ask again for what it has registered, usually without repeating the text.
  if (std::any_of(declared_.begin(), declared_.end(), same)) return;
  declared_.push_back(std::move(parameter));
}

const Parameters::Argument* Parameters::Find(std::string_view name) const {
  const auto found = std::find_if(arguments_.rbegin(), arguments_.rend(),
                                  [name](const Argument& argument) { return argument.name == name; });
  return found == arguments_.rend() ? nullptr : &*found;
}

CommandLine::CommandLine(int argc, const char* const* argv) {
  if (argc > 0) program_ = argv[0];
  program_.erase(0, program_.rfind('/') + 1);
  for (int i = 1; i < argc;) {
    const std::string_view argument = argv[i];
    if (const int taken = TakeWeirOption(argc, argv, i); taken > 0) {
      i += taken;
      continue;
    }
    ++i;
    if (!IsOption(argument)) {
      errors_.push_back("\"" + std::string(argument) +
                        "\" belongs to no option. Parameters are given as --name value.");
      continue;
    }
    const std::string_view name = WithoutMinusSigns(argument);
    const size_t equals = name.find('=');
    if (equals != std::string_view::npos) {
      parameters_.arguments_.push_back(
          {std::string(name.substr(0, equals)), std::string(name.substr(equals + 1)), true});
    } else if (i < argc && !IsOption(argv[i])) {
      parameters_.arguments_.push_back({std::string(name), argv[i++], true});
    } else {
      parameters_.arguments_.push_back({std::string(name), "true", false});
    }
  }
}

int CommandLine::TakeWeirOption(int argc, const char* const* argv, int index) {
  const std::string_view argument = argv[index];
  const bool has_next = index + 1 < argc;
  if (argument == "--help" || argument == "-h") {
    help_requested_ = true;
    return 1;
  }
  if (argument == "-D") {
    TakeProperty(has_next ? argv[index + 1] : "");
    return has_next ? 2 : 1;
  }
  if (argument.starts_with("-D")) {
    TakeProperty(argument.substr(2));
    return 1;
  }
  if (argument == "--allowNonRestoredState") {
    configuration_.SetText(kAllowNonRestoredState.key(), "true", argument);
    return 1;
  }
  if (argument.starts_with("-p") && argument.size() > 2 && IsDigit(argument[2])) {
    configuration_.SetText(kParallelism.key(), argument.substr(2), "-p");
    return 1;
  }
  return TakeOptionWithValue(argument, has_next ? argv[index + 1] : nullptr);
}

int CommandLine::TakeOptionWithValue(std::string_view argument, const char* next) {
  for (const WeirOption& option : kWeirOptions) {
    if (argument == option.name) {
      if (next == nullptr || IsOption(next)) {
        errors_.push_back(std::string(argument) + " needs a value: " + option.value + ".");
        return 1;
      }
      configuration_.SetText(option.key, next, argument);
      return 2;
    }
    const bool is_attached = argument.starts_with(option.name) && argument.substr(option.name.size()).starts_with("=");
    if (is_attached && option.name.starts_with("--")) {
      configuration_.SetText(option.key, argument.substr(option.name.size() + 1), option.name);
      return 1;
    }
  }
  return 0;
}

void CommandLine::TakeProperty(std::string_view assignment) {
  const size_t equals = assignment.find('=');
  const std::string_view key = TrimBlanks(assignment.substr(0, equals));
  if (equals == std::string_view::npos || key.empty()) {
    errors_.push_back("-D" + std::string(assignment) + " is not understood; write -Dkey=value.");
    return;
  }
  configuration_.SetText(key, assignment.substr(equals + 1), "the command line");
}

std::string CommandLine::NoteOn(const Parameters::Declared& parameter) {
  if (parameter.required) return "(required)";
  // No text is no default worth a word: such a parameter's documentation says what its absence means.
  return parameter.default_text.empty() ? "" : "(default: " + parameter.default_text + ")";
}

std::string CommandLine::HelpText() const {
  std::string text = "usage: " + program_ + " [options]\n";
  if (!parameters_.declared_.empty()) text += "\nOptions of this program:\n";
  for (const Parameters::Declared& parameter : parameters_.declared_) {
    text +=
        HelpLine("--" + parameter.name + " <" + parameter.type + ">", Description(parameter.doc, NoteOn(parameter)));
  }
  text += "\nOptions of Weir:\n";
  text += HelpLine("-p, --parallelism <whole number>", "parallel subtasks per operator (key parallelism.default)");
  text += HelpLine("-s, --restore <path>",
                   "starts from a savepoint or checkpoint; latest: from the newest, if there is one");
  text += HelpLine("--allowNonRestoredState", "leaves state behind that no operator of this job has");
  text += HelpLine("--claimMode <mode>", "whose the snapshot is: NO_CLAIM (yours, the default), CLAIM or LEGACY");
  text += HelpLine("-Dkey=value", "sets a configuration key; docs/user/configuration.md lists them");
  text += HelpLine("-h, --help", "shows this text");
  return text;
}

std::string CommandLine::UnknownOptionError(std::string_view name) const {
  std::vector<std::string_view> names = {"parallelism", "restore", "allowNonRestoredState", "claimMode", "help"};
  for (const Parameters::Declared& parameter : parameters_.declared_) names.push_back(parameter.name);
  const std::string_view nearest = NearestName(name, names);
  std::string text = "unknown option --" + std::string(name);
  if (!nearest.empty()) text += "; did you mean --" + std::string(nearest) + "?";
  return text + (nearest.empty() ? ". " : " ") + "Run " + program_ + " --help for all options.";
}

Status CommandLine::Check() const {
  std::vector<std::string> errors = errors_;
  errors.insert(errors.end(), parameters_.errors_.begin(), parameters_.errors_.end());
  for (const Parameters::Argument& argument : parameters_.arguments_) {
    const auto asked_for = [&argument](const Parameters::Declared& other) { return other.name == argument.name; };
    const auto& declared = parameters_.declared_;
    if (!std::any_of(declared.begin(), declared.end(), asked_for)) errors.push_back(UnknownOptionError(argument.name));
  }
  std::string text;
  // A parameter that is asked for twice is wrong twice, and reported once.
  for (auto error = errors.begin(); error != errors.end(); ++error) {
    if (std::find(errors.begin(), error, *error) != error) continue;
    text += (text.empty() ? "" : "\n") + *error;
  }
  return errors.empty() ? OkStatus() : InvalidArgumentError(std::move(text));
}

}  // namespace weir
