// State values as JSON, read from their bytes by their schema: numbers, strings, arrays, and objects with the fields' names. Timestamps and durations are
// numbers in their own unit; a map is an array of {"key", "value"}; bytes that no schema explains are {"hex": "..."}.
#pragma once

#include <string>
#include <string_view>

#include "weir/base/json_writer.h"
#include "weir/functions/state/keyed_rows.h"
#include "weir/types/schema/schema.h"

namespace weir {

// One value, or its bytes as hex where they do not fit the schema (a class with a serializer of its own, damage).
std::string ValueJson(const Schema& schema, std::string_view bytes);
// The value of a keyed state: lists and maps have times between their elements, which are left out.
std::string StateJson(StateKind kind, const Schema& schema, std::string_view bytes);
// A key as the backend stores it.
std::string KeyJson(const Schema& schema, KeyForm form, const StoredKey& key);
// What a JSON string that JsonWriter wrote stands for; other JSON as it is. A cell of a table has text without quotes.
std::string TextOfJson(const std::string& json);

}  // namespace weir
