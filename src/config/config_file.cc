#include "weir/config/config_file.h"

#include <yaml-cpp/yaml.h>

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
      return Error(node, key + " is set twice, the first time at " + earlier->origin + ". Remove one of them.");
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

}  // namespace

StatusOr<Configuration> ParseYaml(std::string_view text, std::string_view name) {
  YamlReader reader(name);
  try {
    WEIR_RETURN_IF_ERROR(reader.Read(YAML::Load(std::string(text)), ""));
  } catch (const YAML::Exception& error) {
    return InvalidArgumentError(std::string(name) + ":" + std::to_string(error.mark.line + 1) + ":" +
                                std::to_string(error.mark.column + 1) + ": this is not valid YAML: " + error.msg + ".");
  }
  return reader.TakeResult();
}

StatusOr<Configuration> LoadYaml(FileSystem& files, const std::string& path) {
  StatusOr<std::string> text = ReadWholeFile(files, path);
  if (!text.ok()) return text.status().Annotate("the configuration cannot be read");
  return ParseYaml(*text, path);
}

StatusOr<Configuration> LoadConfigurationFolder(FileSystem& files, const std::string& conf_dir) {
  if (conf_dir.empty()) return Configuration();
  for (const char* name : {"config.yaml", "flink-conf.yaml"}) {
    const std::string path = conf_dir + "/" + name;
    WEIR_ASSIGN_OR_RETURN(const bool exists, files.Exists(path));
    if (exists) return LoadYaml(files, path);
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
