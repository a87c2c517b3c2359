#include "weir/functions/runtime_context.h"

namespace weir {

Accumulator& Accumulators::Get(std::string_view name) {
  for (const auto& entry : entries_) {
    if (entry->name == name) return entry->accumulator;
  }
  entries_.push_back(std::make_unique<Entry>(Entry{std::string(name), Accumulator()}));
  return entries_.back()->accumulator;
}

std::vector<std::pair<std::string, int64_t>> Accumulators::Snapshot() const {
  std::vector<std::pair<std::string, int64_t>> values;
  values.reserve(entries_.size());
  for (const auto& entry : entries_) values.emplace_back(entry->name, entry->accumulator.value());
  return values;
}

std::string RuntimeContext::ShippedFile(std::string_view name) const {
  if (values_.ship_directory.empty()) return std::string(name);
  const size_t slash = name.rfind('/');
  const std::string_view file = slash == std::string_view::npos ? name : name.substr(slash + 1);
  std::string path = values_.ship_directory;
  path.append("/").append(file);
  return path;
}

}  // namespace weir
