#include "weir/state/inspection/state_inspection.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "weir/base/json_writer.h"
#include "weir/state/inspection/state_walk.h"
#include "weir/state/inspection/value_json.h"
#include "weir/types/schema/schema.h"

namespace weir {

namespace {

// What lies behind it in one write.
constexpr size_t kTextPiece = 64 * 1024;

std::string CsvField(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

std::string CsvLine(const std::vector<std::string>& fields) {
  std::string line;
  for (size_t i = 0; i < fields.size(); ++i) line += (i == 0 ? "" : ",") + CsvField(fields[i]);
  return line + "\n";
}

std::string NameOf(const OperatorSnapshot& op) { return op.uid.empty() ? op.name : op.uid; }

// One line of `ls`.
struct Listed {
  const OperatorSnapshot* op;
  std::string state;
  std::string kind;
  std::string schema;
  int64_t elements;  // -1: not known without reading
  uint64_t bytes;
};

std::string SchemaText(const std::string& stored) {
  if (stored.empty()) return "";
  const StatusOr<Schema> schema = Schema::Decode(stored);
  return schema.ok() ? schema->ToString() : "unknown";
}

void ListLists(const OperatorSnapshot& op, std::vector<Listed>& lines) {
  const size_t first = lines.size();
  for (const OperatorSubtaskState& subtask : op.subtasks) {
    for (const ListStateHandle& list : subtask.lists) {
      auto line = std::find_if(lines.begin() + static_cast<std::ptrdiff_t>(first), lines.end(),
                               [&](const Listed& listed) { return listed.state == list.name; });
      if (line == lines.end())
        line = lines.insert(line, {&op, list.name, StateKindText(list.redistribution), SchemaText(list.schema), 0, 0});
      line->elements += list.count;
      line->bytes += list.elements.length;
    }
  }
}

std::vector<Listed> ListOperator(const OperatorSnapshot& op) {
  std::vector<Listed> lines;
  uint64_t keyed_bytes = 0;
  uint64_t in_flight = 0;
  std::string formats;
  for (const OperatorSubtaskState& subtask : op.subtasks) {
    for (const KeyedStateHandle& keyed : subtask.keyed) {
      keyed_bytes += keyed.state.length;
      for (const NamedStateFile& named : keyed.files) keyed_bytes += named.file.length;
      formats = keyed.format;
    }
    for (const ChannelStateHandle& channel : subtask.channels) in_flight += channel.batches.length;
  }
  if (!formats.empty())
    lines.push_back({&op, "", "keyed rows, " + formats, SchemaText(op.key_schema), -1, keyed_bytes});
  for (const KeyedStateDescription& state : op.states)
    lines.push_back({&op, state.name, StateKindText(state.kind), SchemaText(state.schema), -1, 0});
  ListLists(op, lines);
  if (op.has_coordinator) lines.push_back({&op, "", "split enumerator", "", -1, op.coordinator.length});
  if (in_flight > 0) lines.push_back({&op, "", "records in flight", "", -1, in_flight});
  return lines;
}

std::string JsonLine(const Listed& line) {
  JsonWriter json;
  json.BeginObject()
      .Field("operator", line.op->name)
      .Field("uid", line.op->uid)
      .Field("id", line.op->id.ToHex())
      .Field("parallelism", line.op->parallelism)
      .Field("maxParallelism", line.op->max_parallelism)
      .Field("state", line.state)
      .Field("kind", line.kind)
      .Field("schema", line.schema);
  if (line.elements >= 0) json.Field("elements", line.elements);
  json.Field("bytes", line.bytes).EndObject();
  return std::move(json).Take() + "\n";
}

// Columns padded to their widest cell, two blanks between.
std::string Columns(const std::vector<std::vector<std::string>>& lines) {
  std::vector<size_t> widths;
  for (const auto& line : lines) {
    widths.resize(std::max(widths.size(), line.size()));
    for (size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  std::string text;
  for (const auto& line : lines) {
    std::string row;
    for (size_t i = 0; i < line.size(); ++i) {
      row += line[i];
      if (i + 1 < line.size()) row.append(widths[i] - line[i].size() + 2, ' ');
    }
    row.erase(row.find_last_not_of(' ') + 1);
    text += row + "\n";
  }
  return text;
}

std::vector<std::string> Cells(const Listed& line) {
  return {NameOf(*line.op),
          std::to_string(line.op->parallelism) + "/" + std::to_string(line.op->max_parallelism),
          line.state,
          line.kind,
          line.schema,
          line.elements < 0 ? "" : std::to_string(line.elements),
          line.bytes == 0 && line.elements < 0 ? "" : std::to_string(line.bytes)};
}

std::string Title(const CompletedSnapshot& snapshot) {
  const CheckpointMetadata& metadata = snapshot.metadata;
  return std::string(metadata.kind == SnapshotKind::kSavepoint ? "savepoint " : "checkpoint ") +
         metadata.id.ToString() + " of job \"" + metadata.job_name + "\" (" + metadata.job_id.ToHex() + "), " +
         (metadata.format == SnapshotFormat::kCanonical ? "canonical" : "native") + ", " +
         std::to_string(StateBytes(metadata)) + " bytes of state\n";
}

// Writes entries as lines, in pieces.
class LineWriter {
 public:
  LineWriter(StateTextForm form, bool is_diff, TextSink& sink) : form_(form), is_diff_(is_diff), sink_(sink) {
    if (form_ == StateTextForm::kCsv)
      text_ = is_diff ? "change,operator,state,key,before,after\n" : "operator,state,key,value\n";
  }
  Status Add(const StateEntry& entry, const char* change, const std::string& before) {
    if (form_ == StateTextForm::kCsv) {
      std::vector<std::string> fields = {NameOf(*entry.op), entry.state, TextOfJson(entry.key),
                                         TextOfJson(entry.value)};
      if (is_diff_) {
        fields.insert(fields.begin(), change);
        fields.insert(fields.end() - 1, TextOfJson(before));
      }
      text_ += CsvLine(fields);
    } else {
      AddJson(entry, change, before);
    }
    return text_.size() < kTextPiece ? OkStatus() : Flush();
  }
  Status Flush() {
    const Status status = text_.empty() ? OkStatus() : sink_(text_);
    text_.clear();
    return status;
  }

 private:
  void AddJson(const StateEntry& entry, const char* change, const std::string& before) {
    JsonWriter json;
    json.BeginObject();
    if (is_diff_) json.Field("change", change);
    json.Field("operator", NameOf(*entry.op)).Field("state", entry.state);
    if (!entry.key.empty()) json.Key("key").Raw(entry.key);
    if (is_diff_ && !before.empty()) json.Key("before").Raw(before);
    if (!entry.value.empty()) json.Key(is_diff_ ? "after" : "value").Raw(entry.value);
    json.EndObject();
    text_ += std::move(json).Take() + "\n";
  }

  const StateTextForm form_;
  const bool is_diff_;
  TextSink& sink_;
  std::string text_;
};

class Dump final : public StateVisitor {
 public:
  explicit Dump(LineWriter& lines) : lines_(lines) {}
  Status OnEntry(const StateEntry& entry) override { return lines_.Add(entry, "", ""); }

 private:
  LineWriter& lines_;
};

// An entry's identity: of an element of operator state its value, and how many equal ones came before it.
using EntryKey = std::pair<std::string, std::string>;

EntryKey KeyOf(const StateEntry& entry, std::map<EntryKey, int>& counts) {
  EntryKey key{entry.op->id.ToHex() + entry.state, entry.key.empty() ? entry.value : entry.key};
  if (entry.key.empty()) key.second += "#" + std::to_string(counts[key]++);
  return key;
}

class Collect final : public StateVisitor {
 public:
  Status OnEntry(const StateEntry& entry) override {
    entries[KeyOf(entry, counts_)] = entry;
    return OkStatus();
  }
  std::map<EntryKey, StateEntry> entries;

 private:
  std::map<EntryKey, int> counts_;
};

class Compare final : public StateVisitor {
 public:
  Compare(std::map<EntryKey, StateEntry>& before, LineWriter& lines) : before_(before), lines_(lines) {}

  Status OnEntry(const StateEntry& entry) override {
    const auto found = before_.find(KeyOf(entry, counts_));
    if (found == before_.end()) return Report(entry, "added", "");
    const std::string was = std::move(found->second.value);
    before_.erase(found);
    return was == entry.value ? OkStatus() : Report(entry, "changed", was);
  }
  // What only `before` has.
  Status ReportRest() {
    for (auto& [key, entry] : before_) {
      const std::string was = std::move(entry.value);
      entry.value.clear();
      WEIR_RETURN_IF_ERROR(Report(entry, "removed", was));
    }
    return OkStatus();
  }
  uint64_t count() const { return count_; }

 private:
  Status Report(const StateEntry& entry, const char* change, const std::string& was) {
    ++count_;
    return lines_.Add(entry, change, was);
  }

  std::map<EntryKey, StateEntry>& before_;
  LineWriter& lines_;
  std::map<EntryKey, int> counts_;
  uint64_t count_ = 0;
};

}  // namespace

std::string ListStates(const CompletedSnapshot& snapshot, StateTextForm form) {
  std::vector<std::vector<std::string>> table = {
      {"OPERATOR", "PARALLELISM", "STATE", "KIND", "SCHEMA", "ELEMENTS", "BYTES"}};
  std::string text = form == StateTextForm::kCsv ? "operator,parallelism,state,kind,schema,elements,bytes\n" : "";
  for (const OperatorSnapshot& op : snapshot.metadata.operators) {
    for (const Listed& line : ListOperator(op)) {
      if (form == StateTextForm::kTable) table.push_back(Cells(line));
      if (form == StateTextForm::kCsv) text += CsvLine(Cells(line));
      if (form == StateTextForm::kJson) text += JsonLine(line);
    }
  }
  return form == StateTextForm::kTable ? Title(snapshot) + Columns(table) : text;
}

Status DumpStates(FileSystem& files, const CompletedSnapshot& snapshot, const StateFilter& filter, StateTextForm form,
                  TextSink sink) {
  LineWriter lines(form, false, sink);
  Dump dump(lines);
  WEIR_RETURN_IF_ERROR(WalkStates(files, snapshot, filter, dump));
  return lines.Flush();
}

StatusOr<uint64_t> DiffStates(FileSystem& files, const CompletedSnapshot& before, const CompletedSnapshot& after,
                              const StateFilter& filter, StateTextForm form, TextSink sink) {
  Collect collected;
  WEIR_RETURN_IF_ERROR(WalkStates(files, before, filter, collected));
  LineWriter lines(form, true, sink);
  Compare compare(collected.entries, lines);
  WEIR_RETURN_IF_ERROR(WalkStates(files, after, filter, compare));
  WEIR_RETURN_IF_ERROR(compare.ReportRest());
  WEIR_RETURN_IF_ERROR(lines.Flush());
  return compare.count();
}

}  // namespace weir
