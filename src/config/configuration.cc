#include "weir/config/configuration.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "weir/config/nearest_name.h"

namespace weir {
namespace {

// Flink's options that steer the JVM or its class loading. A file written for Flink may hold them.
constexpr std::string_view kJvmPrefixes[] = {
    "classloader.", "env.java.", "jobmanager.memory.jvm-", "jobmanager.memory.heap.", "taskmanager.memory.jvm-",
};

bool IsJvmKey(std::string_view key) {
  return std::any_of(std::begin(kJvmPrefixes), std::end(kJvmPrefixes),
                     [key](std::string_view prefix) { return key.starts_with(prefix); });
}

// The map option of which `key` is one entry, or nullptr.
const OptionBase* FindMapOptionOf(std::string_view key) {
  for (const OptionBase* option : AllOptions()) {
    const std::string_view map_key = option->key();
    if (option->IsMap() && key.size() > map_key.size() + 1 && key.starts_with(map_key) && key[map_key.size()] == '.') {
      return option;
    }
  }
  return nullptr;
}

std::string UnknownKeyWarning(const ConfigEntry& entry) {
  std::string text = entry.origin + ": unknown key " + entry.key + " is ignored";
  if (IsJvmKey(entry.key)) return text + "; it is about the JVM, which Weir does not have.";
  std::vector<std::string_view> keys;
  for (const OptionBase* option : AllOptions()) keys.push_back(option->key());
  const std::string_view nearest = NearestName(entry.key, keys);
  return nearest.empty() ? text + "." : text + "; did you mean " + std::string(nearest) + "?";
}

auto Position(auto& entries, std::string_view key) {
  return std::lower_bound(entries.begin(), entries.end(), key,
                          [](const ConfigEntry& entry, std::string_view wanted) { return entry.key < wanted; });
}

}  // namespace

void Configuration::SetText(std::string_view key, std::string_view value, std::string_view origin) {
  const OptionBase* option = FindOption(key);
  const std::string_view present_key = option == nullptr ? key : option->key();
  ConfigEntry entry{std::string(present_key), std::string(TrimBlanks(value)), std::string(origin)};
  if (present_key != key) entry.deprecated_key = std::string(key);
  const auto at = Position(entries_, present_key);
  if (at != entries_.end() && at->key == present_key) {
    *at = std::move(entry);
  } else {
    entries_.insert(at, std::move(entry));
  }
}

void Configuration::Overlay(const Configuration& higher) {
  for (const ConfigEntry& entry : higher.entries_) {
    SetText(entry.deprecated_key.empty() ? entry.key : entry.deprecated_key, entry.value, entry.origin);
  }
}

const ConfigEntry* Configuration::FindEntry(std::string_view key) const {
  const auto at = Position(entries_, key);
  return at != entries_.end() && at->key == key ? &*at : nullptr;
}

std::optional<ConfigEntry> Configuration::Gather(const OptionBase& option) const {
  std::optional<ConfigEntry> gathered;
  if (const ConfigEntry* entry = FindEntry(option.key())) gathered = *entry;
  if (!option.IsMap()) return gathered;
  const std::string prefix = std::string(option.key()) + ".";
  for (auto at = Position(entries_, prefix); at != entries_.end() && at->key.starts_with(prefix); ++at) {
    if (!gathered.has_value()) gathered = ConfigEntry{std::string(option.key()), "", at->origin};
    if (!gathered->value.empty()) gathered->value += ',';
    gathered->value += FormatTextMap({{at->key.substr(prefix.size()), at->value}});
  }
  return gathered;
}

Status Configuration::BadValueError(const ConfigEntry& entry, const OptionBase& option, std::string_view expected) {
  std::string text = entry.origin + ": ";
  text.append(entry.deprecated_key.empty() ? entry.key : entry.deprecated_key);
  text.append(" is \"").append(entry.value).append("\"; expected ").append(expected);
  text.append(". Default: ").append(option.DefaultText()).append(".");
  return InvalidArgumentError(std::move(text));
}

Status Configuration::NotSetError(const OptionBase& option) {
  return NotFoundError(std::string(option.key()) +
                       " is not set and has no default. Set it in conf/config.yaml or with -D" +
                       std::string(option.key()) + "=<" + option.Type() + ">.");
}

void Configuration::DieOnBadValue(std::string_view message) {
  std::fprintf(stderr, "configuration was read before it was checked: %.*s\n", static_cast<int>(message.size()),
               message.data());
  std::abort();
}

void Configuration::DieOnMissingValue(const OptionBase& option) { DieOnBadValue(NotSetError(option).message()); }

Status CheckValues(const Configuration& config) {
  std::string errors;
  for (const OptionBase* option : AllOptions()) {
    const std::optional<ConfigEntry> entry = config.Gather(*option);
    if (!entry.has_value()) continue;
    const Status checked = option->CheckText(entry->value);
    if (checked.ok()) continue;
    if (!errors.empty()) errors += '\n';
    errors += Configuration::BadValueError(*entry, *option, checked.message()).message();
  }
  return errors.empty() ? OkStatus() : InvalidArgumentError(std::move(errors));
}

std::vector<std::string> WarningsFor(const Configuration& config) {
  std::vector<std::string> warnings;
  for (const ConfigEntry& entry : config.entries()) {
    const OptionBase* option = FindOption(entry.key);
    if (option == nullptr) option = FindMapOptionOf(entry.key);
    if (option == nullptr) {
      warnings.push_back(UnknownKeyWarning(entry));
      continue;
    }
    if (!entry.deprecated_key.empty()) {
      warnings.push_back(entry.origin + ": " + entry.deprecated_key + " is the older name of " + entry.key +
                         "; it still works.");
    }
    if (option->status() == OptionStatus::kPlanned) {
      warnings.push_back(entry.origin + ": " + entry.key + " is accepted but has no effect in this version.");
    }
  }
  return warnings;
}

}  // namespace weir
