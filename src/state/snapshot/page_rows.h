// Rows out of pages (page_images.h) into a table whose rows look otherwise: a field of a state is new or gone, or a state is.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "weir/base/status.h"
#include "weir/state/snapshot/keyed_rows_format.h"
#include "weir/state/snapshot/page_images.h"
#include "weir/types/schema/value_converter.h"

namespace weir {

// Copies values from slot to row, which is several times as fast as making records of them in between.
class PageRows {
 public:
  // Where a stored state goes.
  struct Target {
    int state = -1;  // number among the declared ones; -1: not declared any more
    FixedConversion conversion = {};
  };

  // `targets`: by stored state. nullopt: some value of a row as it is now is more than numbers, or has a time.
  static std::optional<PageRows> Of(const KeyedRowsShape& shape, const PageImageShape& pages,
                                    std::vector<Target> targets);

  // Puts the rows of a page into `sink`; those that are there are replaced. kDataLoss: keys are of another key group.
  Status Read(std::string_view page, uint32_t key_group, KeyedRowsSink& sink);

 private:
  PageRows(const KeyedRowsShape& shape, const PageImageShape& pages, std::vector<Target> targets)
      : shape_(&shape), pages_(pages), targets_(std::move(targets)) {}
  void FindSlots(std::string_view page);
  void CopyRow(const char* slot, char* row) const;

  const KeyedRowsShape* shape_;
  PageImageShape pages_;
  std::vector<Target> targets_;
  // Of the page at hand.
  std::vector<int64_t> keys_;
  std::vector<const char*> slots_;
  std::vector<uint64_t> hashes_;
  std::vector<char*> rows_;
};

}  // namespace weir
