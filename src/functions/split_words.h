// Words of a text, for counting and searching.
#pragma once

#include <string_view>

#include "weir/functions/collector.h"

namespace weir {

// Collects the words of `line`, in order: the longest runs of [a-zA-Z0-9_], with A-Z lower-cased. All other bytes
// separate, so text in any encoding that extends ASCII will do. A word without capitals is a view into `line`.
//
//   stream.FlatMap([](std::string_view line, Collector<std::string_view>& out) { SplitWords(line, out); })
void SplitWords(std::string_view line, Collector<std::string_view>& out);

}  // namespace weir
