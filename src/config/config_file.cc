#include "weir/config/config_file.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "weir/base/file/file_contents.h"
#include "weir/base/file/file_system.h"
#include "weir/config/cluster_options.h"

namespace weir {
namespace {

// Walks the tree and sets one value per leaf.
class YamlReader {
 public:
  explicit YamlReader(std::string_view name) : name_(name) {}

  Status Read(const YAML::Node& node, const std::string& key) {
    switch (node.Type()) {
      case YAML::NodeType::Map:
        return ReadMap(node, key);
      case YAML::NodeType::Sequence:
        return ReadSequence(node, key);
      case YAML::NodeType::Scalar:
        return SetOnce(node, key, node.Scalar());
      case YAML::NodeType::Null:
      case YAML::NodeType::Undefined:
        break;  // a file without values
    }
    return OkStatus();
  }

  Configuration TakeResult() { return std::move(result_); }

 private:
  Status ReadMap(const YAML::Node& node, const std::string& key) {
    for (const auto& child : node) {
      if (!child.first.IsScalar()) return Error(child.first, "a key must be plain text.");
      const std::string name = (key.empty() ? "" : key + ".") + child.first.Scalar();
      // A missing value stands nowhere, so the place is that of its key.
      if (child.second.IsNull()) return Error(child.first, name + " has no value. Give it one, or remove the line.");
      WEIR_RETURN_IF_ERROR(Read(child.second, name));
    }
    return OkStatus();
  }

  Status ReadSequence(const YAML::Node& node, const std::string& key) {
    std::vector<std::string> items;
    for (const auto& child : node) {
      if (!child.IsScalar()) return Error(child, "the items of the list " + key + " must be plain values.");
      items.push_back(child.Scalar());
    }
    return SetOnce(node, key, FormatList(items));
  }

  Status SetOnce(const YAML::Node& node, const std::string& key, const std::string& value) {
    if (key.empty()) return Error(node, "expected lines of the form \"key: value\".");
    const OptionBase* option = FindOption(key);
    const ConfigEntry* earlier = result_.FindEntry(option == nullptr ? key : option->key());
    if (earlier != nullptr) {
      const std::string as = earlier->deprecated_key.empty() ? "" : ", by its older name " + earlier->deprecated_key;
      return Error(node, key + " is set twice, the first time at " + earlier->origin + as + ". Remove one of them.");
    }
    result_.SetText(key, value, Place(node.Mark()));
    return OkStatus();
  }

  // yaml-cpp counts from 0.
  std::string Place(const YAML::Mark& mark) const { return name_ + ":" + std::to_string(mark.line + 1); }
  Status Error(const YAML::Node& node, const std::string& what) const {
    return InvalidArgumentError(Place(node.Mark()) + ": " + what);
  }

  const std::string name_;
  Configuration result_;
};

constexpr std::string_view kBlanks = " \t\r";

std::string_view Trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(kBlanks);
  return begin == std::string_view::npos ? text.substr(0, 0)
                                         : text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

// As Flink 1 reads its file, which is no YAML though it looks so: `key: value` in each line, the value as it stands there up to a `#`.
StatusOr<Configuration> ParseFlatLines(std::string_view text, const std::string& name) {
  Configuration result;
  int number = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view whole = text.substr(0, end);
    const std::string_view line = Trimmed(whole.substr(0, whole.find('#')));
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::string place = name + ":" + std::to_string(++number);
    if (line.empty()) continue;
    const size_t colon = line.find(": ");
    if (colon == std::string_view::npos || Trimmed(line.substr(0, colon)).empty()) {
      return InvalidArgumentError(place + ": expected a line of the form \"key: value\".");
    }
    // The last of several counts.
    result.SetText(Trimmed(line.substr(0, colon)), Trimmed(line.substr(colon + 2)), place);
  }
  return result;
}

// What makes most lines unreadable, and cannot be seen in an editor: " YAML is ..."; or nothing.
std::string TabAdvice(std::string_view text, int line) {
  for (; line > 0 && text.find('\n') != std::string_view::npos; --line) text.remove_prefix(text.find('\n') + 1);
  const std::string_view indent = text.substr(0, text.find_first_not_of(" \t"));
  return indent.find('\t') == std::string_view::npos ? ""
                                                     : " The line begins with a tab; YAML is indented with spaces.";
}

}  // namespace

StatusOr<Configuration> ParseYaml(std::string_view text, std::string_view name) {
  YamlReader reader(name);
  try {
    WEIR_RETURN_IF_ERROR(reader.Read(YAML::Load(std::string(text)), ""));
  } catch (const YAML::Exception& error) {
    return InvalidArgumentError(std::string(name) + ":" + std::to_string(error.mark.line + 1) + ":" +
                                std::to_string(error.mark.column + 1) + ": this is not valid YAML: " + error.msg + "." +
                                TabAdvice(text, error.mark.line));
  }
  return reader.TakeResult();
}

StatusOr<Configuration> LoadYaml(FileSystem& files, const std::string& path) {
  StatusOr<std::string> text = ReadWholeFile(files, path);
  if (!text.ok()) return text.status().Annotate("the configuration cannot be read");
  return ParseYaml(*text, path);
}

namespace {

constexpr std::string_view kOldName = "flink-conf.yaml";

// Most of these files are YAML, some in nested form. `web.access-control-allow-origin: *` and the like are not, and meant what they say.
StatusOr<Configuration> LoadOldFile(FileSystem& files, const std::string& path) {
  StatusOr<Configuration> as_yaml = LoadYaml(files, path);
  if (as_yaml.ok()) return as_yaml;
  WEIR_ASSIGN_OR_RETURN(const std::string text, ReadWholeFile(files, path));
  StatusOr<Configuration> as_lines = ParseFlatLines(text, path);
  return as_lines.ok() ? std::move(as_lines) : std::move(as_yaml);
}

}  // namespace

StatusOr<Configuration> LoadConfigurationFolder(FileSystem& files, const std::string& conf_dir) {
  if (conf_dir.empty()) return Configuration();
  for (const std::string_view name : {std::string_view("config.yaml"), kOldName}) {
    const std::string path = conf_dir + "/" + std::string(name);
    WEIR_ASSIGN_OR_RETURN(const bool exists, files.Exists(path));
    if (exists) return name == kOldName ? LoadOldFile(files, path) : LoadYaml(files, path);
  }
  return NotFoundError("the configuration folder " + conf_dir +
                       " (WEIR_CONF_DIR) has no config.yaml. Create one, or unset WEIR_CONF_DIR to run with defaults.");
}

StatusOr<Configuration> LoadLayers(FileSystem& files, const std::string& conf_dir, const Configuration& command_line) {
  WEIR_ASSIGN_OR_RETURN(Configuration config, LoadConfigurationFolder(files, conf_dir));
  config.Overlay(command_line);
  // What the scripts have made.
  const std::string secret = conf_dir + "/secret";
  if (!conf_dir.empty() && config.FindEntry(kSecretFile.key()) == nullptr && files.Exists(secret).ValueOr(false)) {
    config.SetText(kSecretFile.key(), secret, conf_dir);
  }
  WEIR_RETURN_IF_ERROR(CheckValues(config));
  return config;
}

}  // namespace weir
