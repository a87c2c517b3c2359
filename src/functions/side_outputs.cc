#include "weir/functions/side_outputs.h"

namespace weir {

void SideOutputs::Open(const std::vector<std::string>& tags, const std::vector<BatchOutput*>& outputs,
                       bool holds_rows) {
  entries_.clear();
  for (size_t i = 0; i < tags.size(); ++i) {
    entries_.push_back(Entry{tags[i], std::make_unique<CollectorBase>()});
    entries_.back().collector->Bind(outputs[i + 1], true, holds_rows);
  }
}

void SideOutputs::BeginInput(BatchBase& input) {
  for (Entry& entry : entries_) entry.collector->BeginInput(input);
}

void SideOutputs::EndInput() {
  for (Entry& entry : entries_) entry.collector->EndInput();
}

void SideOutputs::AddMark(EventTime watermark) {
  for (Entry& entry : entries_) entry.collector->AddMark(watermark);
}

void SideOutputs::Flush() {
  for (Entry& entry : entries_) entry.collector->Flush();
}

CollectorBase* SideOutputs::Find(std::string_view tag) const {
  for (const Entry& entry : entries_) {
    if (entry.tag == tag) return entry.collector.get();
  }
  return nullptr;
}

}  // namespace weir
