#include "weir/functions/window/window_state.h"

#include "weir/types/schema_of.h"

namespace weir::internal {

Schema KeyWindowsSchema(const Schema& contents, const Schema& trigger, const Schema& function) {
  const Schema& time = SchemaOf<Timestamp>();
  const Schema window = Schema::Record("Window", {{1, "start", time},
                                                  {2, "end", time},
                                                  {3, "contents", Schema(TypeKind::kOptional, {contents})},
                                                  {4, "trigger", trigger},
                                                  {5, "function", function},
                                                  {6, "timers", WindowTimerList::StoredSchema()}});
  return Schema::Record("Windows", {{1, "event_time_alarm", time},
                                    {2, "processing_time_alarm", time},
                                    {3, "windows", Schema(TypeKind::kList, {window})}});
}

}  // namespace weir::internal
