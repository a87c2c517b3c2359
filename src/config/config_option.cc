#include "weir/config/config_option.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace weir {
namespace {

// Filled while libraries are loaded, by one thread, and only read afterwards: no lock.
std::vector<const OptionBase*>& Registered() {
  static std::vector<const OptionBase*> options;
  return options;
}

}  // namespace

OptionBase::OptionBase(OptionSpec spec) : spec_(std::move(spec)) {
  std::vector<std::string_view> keys = spec_.deprecated_keys;
  keys.push_back(spec_.key);
  for (const std::string_view key : keys) {
    if (FindOption(key) == nullptr) continue;
    std::fprintf(stderr, "two options are called %.*s\n", static_cast<int>(key.size()), key.data());
    std::abort();
  }
  Registered().push_back(this);
}

std::vector<const OptionBase*> AllOptions() {
  std::vector<const OptionBase*> options = Registered();
  std::sort(options.begin(), options.end(), [](const auto* a, const auto* b) { return a->key() < b->key(); });
  return options;
}

const OptionBase* FindOption(std::string_view key) {
  for (const OptionBase* option : Registered()) {
    const auto& old_keys = option->deprecated_keys();
    if (option->key() == key || std::find(old_keys.begin(), old_keys.end(), key) != old_keys.end()) return option;
  }
  return nullptr;
}

}  // namespace weir
