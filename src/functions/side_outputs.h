// Where ctx.Output(tag, record) goes.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/functions/collector.h"
#include "weir/functions/output_tag.h"

namespace weir {

// The side outputs of one operator that somebody reads. Records for other tags are dropped.
//
// Threads: the task's thread.
class SideOutputs {
 public:
  // `tags[i]` goes to `outputs[i + 1]`; outputs[0] is the main output. `holds_rows`: see CollectorBase::Bind.
  void Open(const std::vector<std::string>& tags, const std::vector<BatchOutput*>& outputs, bool holds_rows);

  void BeginInput(BatchBase& input);
  void EndInput();
  void SetTime(EventTime time) { time_ = time; }
  void AddMark(EventTime watermark);
  void Flush();
  bool empty() const { return entries_.empty(); }

  template <class U>
  void Collect(const OutputTag<U>& tag, U record) {
    CollectorBase* const found = Find(tag.name);
    if (found == nullptr) return;
    static_assert(sizeof(Collector<U>) == sizeof(CollectorBase), "typed collectors are casts of untyped ones");
    found->SetTime(time_);
    static_cast<Collector<U>*>(found)->Collect(std::move(record));
  }
  // The same with a time of its own, also where the stream carries none.
  template <class U>
  void CollectAt(const OutputTag<U>& tag, U record, EventTime time) {
    CollectorBase* const found = Find(tag.name);
    if (found == nullptr) return;
    found->SetOwnTime(time);
    static_cast<Collector<U>*>(found)->Collect(std::move(record));
  }

 private:
  struct Entry {
    std::string tag;
    std::unique_ptr<CollectorBase> collector;
  };
  CollectorBase* Find(std::string_view tag) const;

  std::vector<Entry> entries_;
  EventTime time_ = kNoEventTime;
};

}  // namespace weir
