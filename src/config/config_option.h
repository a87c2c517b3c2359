// Options: the keys of the configuration, each with its type, default and documentation in one place.
//
// A folder declares its options in `<thing>_options.h` and defines them in the .cc:
//
//   extern const ConfigOption<Duration> kCheckpointTimeout;                    // header
//   const ConfigOption<Duration> kCheckpointTimeout{                           // source
//       {.key = "execution.checkpointing.timeout", .doc = "A checkpoint that takes longer is aborted."},
//       Duration(10min), {.at_least = Duration(1ms)}};
//
// Defining one makes it known: files may hold it, `CheckValues` checks it, docs/user/configuration.md lists it.
// Options live as long as the process and never change, so all threads may read them. They are built while the
// library is loaded: no initializer of another global may use them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/base/status.h"
#include "weir/config/config_value.h"

namespace weir {

// Whether anything in the engine reads the option.
enum class OptionStatus {
  kActive,
  // Accepted so that Flink's files load, and documented as having no effect yet; setting it gives a warning.
  kPlanned,
  // Accepted for the same reason, and needless in Weir by design: its documentation says why.
  kNeedless,
};

struct OptionSpec {
  std::string_view key;
  // Sentences for the reference: what it does, and what else must be known to choose a value.
  std::string_view doc;
  // Older names that are still accepted, as Flink has them.
  std::vector<std::string_view> deprecated_keys = {};
  OptionStatus status = OptionStatus::kActive;
};

// The part of an option that does not depend on its type.
class OptionBase {
 public:
  OptionBase(const OptionBase&) = delete;
  OptionBase& operator=(const OptionBase&) = delete;
  virtual ~OptionBase() = default;

  std::string_view key() const { return spec_.key; }
  std::string_view doc() const { return spec_.doc; }
  const std::vector<std::string_view>& deprecated_keys() const { return spec_.deprecated_keys; }
  OptionStatus status() const { return spec_.status; }

  // "whole number", "duration", "one of none, fixed-delay".
  virtual std::string Type() const = 0;
  // The default as configuration would write it; "none" if there is none.
  virtual std::string DefaultText() const = 0;
  // OK, or the error whose message is what was expected: "a whole number >= 1".
  virtual Status CheckText(std::string_view text) const = 0;
  // True for maps, whose entries may also be written as keys of their own: "<key>.<entry>: <value>".
  virtual bool IsMap() const = 0;

 protected:
  explicit OptionBase(OptionSpec spec);

 private:
  const OptionSpec spec_;
};

// All options of the process, by key.
std::vector<const OptionBase*> AllOptions();
// The option of this key, current or deprecated, or nullptr.
const OptionBase* FindOption(std::string_view key);

// Inclusive limits of a value.
template <class T>
struct OptionLimits {
  std::optional<T> at_least = {};
  std::optional<T> at_most = {};
};

template <class T>
class ConfigOption final : public OptionBase {
 public:
  // An option without a default: `Configuration::Find` says whether it is set.
  explicit ConfigOption(OptionSpec spec) : OptionBase(std::move(spec)) {}
  ConfigOption(OptionSpec spec, T default_value, OptionLimits<T> limits = {})
      : OptionBase(std::move(spec)), default_(std::move(default_value)), limits_(std::move(limits)) {}

  const std::optional<T>& default_value() const { return default_; }

  // The value, or the error whose message is what was expected.
  StatusOr<T> ParseText(std::string_view text) const {
    StatusOr<T> value = ConfigValue<T>::Parse(text);
    if constexpr (kHasLimits) {
      const bool too_small = value.ok() && limits_.at_least.has_value() && *value < *limits_.at_least;
      const bool too_large = value.ok() && limits_.at_most.has_value() && *limits_.at_most < *value;
      if (!value.ok() || too_small || too_large) return InvalidArgumentError(Expected(value.status()));
    }
    return value;
  }

  std::string Type() const override { return ConfigValue<T>::Type() + LimitsText(); }
  std::string DefaultText() const override { return default_.has_value() ? ConfigValue<T>::Format(*default_) : "none"; }
  Status CheckText(std::string_view text) const override { return ParseText(text).status(); }
  bool IsMap() const override { return std::is_same_v<T, TextMap>; }

 private:
  static constexpr bool kHasLimits =
      std::is_arithmetic_v<T> || std::is_same_v<T, Duration> || std::is_same_v<T, MemorySize>;

  // " >= 1", " <= 10", " from 1 to 10", or "".
  std::string LimitsText() const {
    if constexpr (kHasLimits) {
      const auto format = [](const std::optional<T>& limit) { return ConfigValue<T>::Format(*limit); };
      if (limits_.at_least && limits_.at_most)
        return " from " + format(limits_.at_least) + " to " + format(limits_.at_most);
      if (limits_.at_least) return " >= " + format(limits_.at_least);
      if (limits_.at_most) return " <= " + format(limits_.at_most);
    }
    return "";
  }
  // The parser's own words where it has said some ("a duration such as ..."), else the type; then the limits.
  std::string Expected(const Status& parse_error) const {
    return (parse_error.ok() ? "a " + ConfigValue<T>::Type() : std::string(parse_error.message())) + LimitsText();
  }

  const std::optional<T> default_;
  const OptionLimits<T> limits_;
};

}  // namespace weir
