// The fields of a record type as CSV columns.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "weir/connectors/file/csv_cell.h"
#include "weir/types/reflect.h"

namespace weir {

struct CsvField {
  std::string_view name;
  const CellType* type;
  uint32_t offset;  // in the record
};

// The columns of records of one type, in order of declaration.
struct CsvRecordType {
  std::string_view name;
  std::vector<CsvField> fields;
};

// T: any aggregate, pair or tuple whose fields have cell types.
template <HasFields T>
CsvRecordType CsvRecordTypeOf() {
  CsvRecordType type{TypeName<T>(), {}};
  const T record{};
  ForEachNamedField(record, [&]<class Field>(std::string_view name, const Field& field) {
    const auto offset = reinterpret_cast<const char*>(&field) - reinterpret_cast<const char*>(&record);
    type.fields.push_back({name, CellTypeOf<Field>(), static_cast<uint32_t>(offset)});
  });
  return type;
}

// Appends `record` as one line of CSV with its line end; cells are quoted where they must be. `delimiter`: no character that numbers or times have.
void AppendCsvRow(const CsvRecordType& type, const void* record, char delimiter, std::string& out);
// Appends the line of the fields' names.
void AppendCsvHeader(const CsvRecordType& type, char delimiter, std::string& out);

}  // namespace weir
