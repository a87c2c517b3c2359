#include "weir/jobmanager/rest/request_body.h"

#include <nlohmann/json.hpp>

#include "weir/base/ids.h"
#include "weir/base/random.h"

namespace weir {

namespace {

using nlohmann::json;

bool IsAbsent(const json& body, const std::string& name) { return !body.contains(name) || body[name].is_null(); }

}  // namespace

StatusOr<json> BodyOf(const RestRequest& request) {
  if (request.body.empty()) return json::object();
  json body = json::parse(request.body, nullptr, /*allow_exceptions=*/false);
  if (!body.is_object()) return InvalidArgumentError("Bad request: the body is no JSON object");
  return body;
}

Status BadField(const std::string& name, const char* expected) {
  return InvalidArgumentError("Bad request: \"" + name + "\" is not " + expected);
}

StatusOr<std::string> TextIn(const json& body, const std::string& name) {
  if (IsAbsent(body, name)) return std::string();
  if (!body[name].is_string()) return BadField(name, "a text");
  return body[name].get<std::string>();
}

StatusOr<bool> FlagIn(const json& body, const std::string& name) {
  if (IsAbsent(body, name)) return false;
  if (!body[name].is_boolean()) return BadField(name, "true or false");
  return body[name].get<bool>();
}

StatusOr<std::optional<int64_t>> NumberIn(const json& body, const std::string& name) {
  if (IsAbsent(body, name)) return std::optional<int64_t>();
  if (!body[name].is_number_integer()) return BadField(name, "a whole number");
  return std::optional<int64_t>(body[name].get<int64_t>());
}

StatusOr<std::vector<std::string>> TextsIn(const json& body, const std::string& name) {
  std::vector<std::string> texts;
  if (IsAbsent(body, name)) return texts;
  if (!body[name].is_array()) return BadField(name, "a list of texts");
  for (const json& element : body[name]) {
    if (!element.is_string()) return BadField(name, "a list of texts");
    texts.push_back(element.get<std::string>());
  }
  return texts;
}

StatusOr<std::string> TriggerIdIn(const json& body) {
  WEIR_ASSIGN_OR_RETURN(std::string text, TextIn(body, "triggerId"));
  if (!text.empty()) return text;
  SystemRandom random;
  return Id128::Random(random).ToHex();
}

}  // namespace weir
