// Writes records as lines of text files.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "weir/connectors/file/part_file_sink.h"
#include "weir/functions/sink.h"
#include "weir/types/print.h"

namespace weir {

template <class T>
class TextFileWriter final : public PartFileSinkWriter {
 public:
  using PartFileSinkWriter::PartFileSinkWriter;

  Status WriteBatch(BatchBase& batch) override {
    std::string& out = parts().buffer();
    AsBatch<T>(batch).ForEach([&out](const T& record, uint32_t) {
      AppendPrinted(record, out);
      out += '\n';
    });
    return batch.count() > 0 ? parts().Added() : OkStatus();
  }
};

// A folder of part files, part-<subtask>-<number>.txt, with a line per record in the form of types/print.h: strings as they are. See
// connectors/file/part_file.h for how files appear.
template <class T = std::string_view>
class TextFileSink : public Sink<T>, public PartFileSinkOptions<TextFileSink<T>> {
 public:
  explicit TextFileSink(std::string folder) : PartFileSinkOptions<TextFileSink<T>>(std::move(folder), ".txt") {}

  StatusOr<std::unique_ptr<SinkWriterBase>> CreateWriter(const RuntimeContext& context) const {
    WEIR_ASSIGN_OR_RETURN(std::unique_ptr<PartFileWriter> parts, this->OpenParts(context));
    return std::make_unique<TextFileWriter<T>>(std::move(parts));
  }
};

}  // namespace weir
