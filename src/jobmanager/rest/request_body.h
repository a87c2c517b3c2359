// Fields of a request's JSON body. Errors name the field and what was expected.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "weir/base/status.h"
#include "weir/jobmanager/rest/rest_message.h"

namespace weir {

// The body, which is an object; an empty one for no body at all.
StatusOr<nlohmann::json> BodyOf(const RestRequest& request);
Status BadField(const std::string& name, const char* expected);

// A field that is not there, or null, gives "", false, nothing.
StatusOr<std::string> TextIn(const nlohmann::json& body, const std::string& name);
StatusOr<bool> FlagIn(const nlohmann::json& body, const std::string& name);
StatusOr<std::optional<int64_t>> NumberIn(const nlohmann::json& body, const std::string& name);
StatusOr<std::vector<std::string>> TextsIn(const nlohmann::json& body, const std::string& name);
// The id under "triggerId", or a new one.
StatusOr<std::string> TriggerIdIn(const nlohmann::json& body);

}  // namespace weir
