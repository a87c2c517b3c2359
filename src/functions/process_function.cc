#include "weir/functions/process_function.h"

namespace weir {

void VisitKeyedState(StatefulFunction& function, KeyedStateVisitor& visitor) {
  KeyContext& context = function.key_context();
  if (context.rows == nullptr) return;
  // States of the function: a key may have hidden ones (timers) alone.
  const uint64_t own = (uint64_t{1} << function.keyed_states().size()) - 1;
  constexpr uint32_t kRowsAtATime = 256;
  char* rows[kRowsAtATime];
  RowCursor cursor;
  while (const uint32_t count = context.rows->Walk(cursor, kRowsAtATime, rows)) {
    for (uint32_t i = 0; i < count; ++i) {
      if ((context.rows->layout().PresentIn(rows[i]) & own) == 0) continue;
      context.row = rows[i];
      visitor.VisitKey(context.rows->KeyOf(rows[i]));
    }
  }
  context.LeaveKey();
  // Rows that the visitor emptied go.
  context.rows->Finish();
}

}  // namespace weir
