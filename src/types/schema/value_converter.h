// Turns the bytes of values that were stored with one schema into bytes of another, without knowing their C++ types: how state is read by a
// program whose types have changed since (docs/formats/schema.md, Upgrades).
//
//   WEIR_ASSIGN_OR_RETURN(ValueConverter converter, ValueConverter::Of(stored, SchemaOf<Flight>(), EncodeToString(Flight{})));
//   converter.Convert(in, out);               // one value; `in` turns bad if the bytes are damaged
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/coding.h"
#include "weir/base/status.h"
#include "weir/types/schema/schema.h"

namespace weir {

namespace internal {
struct ConversionStep;
}

// A conversion of values that all have one length, none of which changes its own bytes: where they go.
struct FixedConversion {
  struct Copy {
    uint32_t from = 0;  // in the stored value
    uint32_t to = 0;    // in the value as it is now
    uint32_t bytes = 0;
  };
  std::vector<Copy> copies = {};
  std::string filled = {};  // a value as it is now, with what no copy brings
};

// Threads: a value; Convert from any, several at once.
class ValueConverter {
 public:
  // kFailedPrecondition as CheckSchemaUpgrade's, if there is no conversion. `now` is the type's own schema: decoded ones do not know how to skip classes
  // with a serializer of their own. `default_value`: the bytes of a value as the program makes it; new fields are taken from it. Records inside lists,
  // arrays, sets, maps, optionals and variants are not in it; their new fields get what their own initialisers say (zero or empty with decoded schemas).
  static StatusOr<ValueConverter> Of(const Schema& stored, const Schema& now, std::string_view default_value);
  ValueConverter(ValueConverter&&) noexcept;
  ValueConverter& operator=(ValueConverter&&) noexcept;
  ~ValueConverter();

  // Values are the same bytes in both.
  bool is_identity() const { return is_identity_; }
  // Reads one value as it was stored and appends it as it is now.
  void Convert(ByteReader& in, ByteWriter& out) const;
  // The same as copies, where it is no more than that.
  std::optional<FixedConversion> AsFixed() const;

 private:
  ValueConverter(std::unique_ptr<const internal::ConversionStep> root, bool is_identity);

  std::unique_ptr<const internal::ConversionStep> root_;
  bool is_identity_;
};

// Moves `in` behind one value of `schema`. Turns it bad where the value is damaged, and at classes with a serializer of their own that `schema`
// does not know how to skip (decoded schemas).
void SkipValue(const Schema& schema, ByteReader& in);

}  // namespace weir
