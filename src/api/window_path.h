// By which operator the windows of a stream are computed.
#pragma once

#include <cstdint>

namespace weir {

enum class WindowPath : uint8_t {
  kGeneral,  // the contents of each window apart: src/runtime/window
};

namespace internal {
// In place of a trigger: the one that goes with the assigner. In place of an evictor: none.
struct DefaultTrigger {};
struct NoEvictor {};
}  // namespace internal

// The path of windows of `Assigner` over records of type T, with contents of type `Contents` (runtime/window). Decided when the program is compiled.
template <class T, class Assigner, class Trigger, class Evictor, class Contents>
consteval WindowPath ChooseWindowPath() {
  return WindowPath::kGeneral;
}

}  // namespace weir
