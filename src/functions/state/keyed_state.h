// Keyed state of functions: everything in one include.
//
//   ValueState<V>            one value                      functions/state/value_state.h
//   ReducingState<V, F>      values combined by F
//   AggregatingState<In, A>  values folded by an aggregate function A
//   ListState<V>             a list                         functions/state/list_state.h
//   MapState<K, V>           a map                          functions/state/map_state.h
//
// Each is declared as a member of the function: `ValueState<int64_t> count_{this, "count", Ttl(24h)};`. The name is the state's identity in snapshots.
// With a Ttl, a value, a list element or a map entry is gone that long after it was last written, by processing time, and is never returned again; Ttl's own
// words change both. Backends remove what has expired bit by bit, whether it is asked for or not.
#pragma once

#include "weir/functions/state/list_state.h"
#include "weir/functions/state/map_state.h"
#include "weir/functions/state/stateful_function.h"
#include "weir/functions/state/value_state.h"
