// The configuration of a process or job: values by key, each with the place it came from.
//
//   Configuration config;
//   config.Set(kParallelism, 4);
//   Duration interval = config.Get(kAutoWatermarkInterval);      // the value, or the option's default
//   if (auto dir = config.Find(kCheckpointDir)) ...              // options without a default
//
// Layers are laid over each other with `Overlay`, lowest first: file, then command line, then what the program sets.
// Values are kept as text, so that keys which this process does not know pass through to those that do. A value is
// checked when it is read, and all at once by `CheckValues`, which every process calls before it starts anything.
//
// Threads: a value type without locks; const members may be called from several threads.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/status.h"
#include "weir/config/config_option.h"

namespace weir {

// One value as it was written.
struct ConfigEntry {
  // The option's present key, whichever of its names was written.
  std::string key;
  std::string value;
  // "conf/config.yaml:14", "the command line", "the program".
  std::string origin;
  // The name that was written, if it is an older one; else empty.
  std::string deprecated_key = {};
};

class Configuration {
 public:
  // The value that is set, or the default. The value must pass `CheckValues`; if not, or if the option has no default
  // and none is set, the process ends with a message: that is a missing check at its start.
  template <class T>
  T Get(const ConfigOption<T>& option) const {
    StatusOr<std::optional<T>> value = TryFind(option);
    if (!value.ok()) DieOnBadValue(value.status().message());
    if (value->has_value()) return **value;
    if (!option.default_value().has_value()) DieOnMissingValue(option);
    return *option.default_value();
  }

  // The value that is set, if one is. As `Get`, it must pass `CheckValues`.
  template <class T>
  std::optional<T> Find(const ConfigOption<T>& option) const {
    StatusOr<std::optional<T>> value = TryFind(option);
    if (!value.ok()) DieOnBadValue(value.status().message());
    return *value;
  }

  // The value that is set, or the default, or an error that says where the bad value stands and what is expected.
  template <class T>
  StatusOr<T> TryGet(const ConfigOption<T>& option) const {
    WEIR_ASSIGN_OR_RETURN(std::optional<T> value, TryFind(option));
    if (value.has_value()) return *value;
    if (!option.default_value().has_value()) return NotSetError(option);
    return *option.default_value();
  }

  // Sets a value, replacing any other. A value out of the option's limits is reported by `CheckValues`.
  template <class T>
  void Set(const ConfigOption<T>& option, const std::type_identity_t<T>& value) {
    SetText(option.key(), ConfigValue<T>::Format(value), "the program");
  }

  // Sets a value as text under any key, known or not; an older name of an option sets the option.
  void SetText(std::string_view key, std::string_view value, std::string_view origin);
  // Takes over every value of `higher`; where both have one, that of `higher` wins.
  void Overlay(const Configuration& higher);

  // The entry of this key, or nullptr.
  const ConfigEntry* FindEntry(std::string_view key) const;
  // Sorted by key.
  const std::vector<ConfigEntry>& entries() const { return entries_; }

 private:
  template <class T>
  StatusOr<std::optional<T>> TryFind(const ConfigOption<T>& option) const {
    const std::optional<ConfigEntry> entry = Gather(option);
    if (!entry.has_value()) return std::optional<T>();
    StatusOr<T> value = option.ParseText(entry->value);
    if (!value.ok()) return BadValueError(*entry, option, value.status().message());
    return std::optional<T>(std::move(value).value());
  }

  // The entry of an option; for a map, its own and those of its single keys put together.
  std::optional<ConfigEntry> Gather(const OptionBase& option) const;
  static Status BadValueError(const ConfigEntry& entry, const OptionBase& option, std::string_view expected);
  static Status NotSetError(const OptionBase& option);
  [[noreturn]] static void DieOnBadValue(std::string_view message);
  [[noreturn]] static void DieOnMissingValue(const OptionBase& option);

  friend Status CheckValues(const Configuration& config);

  std::vector<ConfigEntry> entries_;
};

// Checks every known key's value. All that are wrong are in one error, a line each:
// `conf/config.yaml:14: taskmanager.numberOfTaskSlots is "four"; expected a whole number from 1 to 32768. Default: 1.`
Status CheckValues(const Configuration& config);

// What should be pointed out but stops nothing: keys that no option has (with the nearest that one has), older names,
// and options that have no effect yet. A sentence each, for the log.
std::vector<std::string> WarningsFor(const Configuration& config);

}  // namespace weir
