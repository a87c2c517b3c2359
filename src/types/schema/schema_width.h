// How many bytes the values of a schema have.
#pragma once

#include <cstdint>

#include "weir/types/schema/schema.h"

namespace weir {

// Of a number, bool, timestamp or duration; 0 for other kinds.
uint32_t FixedBytes(TypeKind kind);
// Of every value of the schema, when all have the same number; else 0.
uint32_t FixedBytes(const Schema& schema);

// Whether numbers of the one kind are read as the other without loss: both signed, unsigned or floating, and wider.
bool Widens(TypeKind stored, TypeKind now);

}  // namespace weir
