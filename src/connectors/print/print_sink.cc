#include "weir/connectors/print/print_sink.h"

#include <cerrno>
#include <cstring>

namespace weir {

PrintedLines::PrintedLines(std::FILE* file, const std::string& name, const RuntimeContext& context) : file_(file) {
  prefix_ = name;
  if (context.parallelism() > 1) {
    if (!name.empty()) prefix_ += ':';
    prefix_ += std::to_string(context.subtask_index() + 1);
  }
  if (!prefix_.empty()) prefix_ += "> ";
}

Status PrintedLines::Write() {
  if (text_.empty()) return OkStatus();
  const bool written = std::fwrite(text_.data(), 1, text_.size(), file_) == text_.size() && std::fflush(file_) == 0;
  text_.clear();
  if (written) return OkStatus();
  return UnavailableError("cannot print: " + std::string(std::strerror(errno)) +
                          ". Is what reads the output still running?");
}

}  // namespace weir
