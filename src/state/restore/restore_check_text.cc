// TableOf and JsonOf: a RestoreCheck for people and for programs.
#include <algorithm>
#include <utility>

#include "weir/base/json_writer.h"
#include "weir/state/restore/restore_check.h"

namespace weir {

namespace {

using Line = std::pair<std::string, std::string>;  // what, and its verdict

std::string Joined(const std::vector<std::string>& notes) {
  std::string text;
  for (const std::string& note : notes) text += (text.empty() ? "" : "; ") + note;
  return text;
}

std::string NameOf(const OperatorCheck& op) {
  return op.name + (op.uid.empty() ? " (id " + op.id.ToHex().substr(0, 8) + ")" : " (uid " + op.uid + ")");
}

std::string NameOf(const StateCheck& state) {
  return state.kind == "key" ? "  key" : "  " + state.name + " (" + state.kind + ")";
}

}  // namespace

std::string TableOf(const RestoreCheck& check) {
  size_t width = 0;
  for (const OperatorCheck& op : check.operators) {
    width = std::max(width, NameOf(op).size());
    for (const StateCheck& state : op.states) width = std::max(width, NameOf(state).size());
  }
  std::string table;
  const auto add = [&](std::string name, RestoreVerdict verdict, const std::string& rest) {
    name.resize(width + 2, ' ');
    std::string line = name + RestoreVerdictName(verdict);
    if (!rest.empty()) {
      line.resize(std::max(line.size(), width + 2 + 14), ' ');
      line += rest;
    }
    table += line + "\n";
  };
  for (const OperatorCheck& op : check.operators) {
    add(NameOf(op), op.verdict, op.problem);
    for (const StateCheck& state : op.states)
      add(NameOf(state), state.verdict, state.problem.empty() ? Joined(state.notes) : state.problem);
  }
  return table + (check.compatible() ? "compatible\n" : "not compatible\n");
}

std::string JsonOf(const RestoreCheck& check) {
  JsonWriter json;
  json.BeginObject();
  json.Key("compatible").Bool(check.compatible());
  json.Key("operators").BeginArray();
  for (const OperatorCheck& op : check.operators) {
    json.BeginObject();
    json.Key("id").String(op.id.ToHex());
    json.Key("uid").String(op.uid);
    json.Key("name").String(op.name);
    json.Key("verdict").String(RestoreVerdictName(op.verdict));
    json.Key("problem").String(op.problem);
    json.Key("states").BeginArray();
    for (const StateCheck& state : op.states) {
      json.BeginObject();
      json.Key("name").String(state.name);
      json.Key("kind").String(state.kind);
      json.Key("verdict").String(RestoreVerdictName(state.verdict));
      json.Key("notes").BeginArray();
      for (const std::string& note : state.notes) json.String(note);
      json.EndArray();
      json.Key("problem").String(state.problem);
      json.EndObject();
    }
    json.EndArray();
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  return std::move(json).Take();
}

}  // namespace weir
