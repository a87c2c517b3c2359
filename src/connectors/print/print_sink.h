// Prints records to the terminal.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "weir/functions/sink.h"
#include "weir/types/print.h"

namespace weir {

// Gathers lines and writes those of one step at once, so that the lines of several subtasks do not mix. Threads: the task's thread.
class PrintedLines {
 public:
  // `file` stays the caller's. Lines begin with "name:2> ", for the second of several subtasks of a named sink; what does not tell anything is left out.
  PrintedLines(std::FILE* file, const std::string& name, const RuntimeContext& context);

  // The text of a line is appended to what Begin returns.
  std::string& Begin() { return text_ += prefix_; }
  void End() { text_ += '\n'; }
  // Writes when there is much.
  Status WriteIfLarge() { return text_.size() < kWriteBytes ? OkStatus() : Write(); }
  Status Write();

 private:
  static constexpr size_t kWriteBytes = 64 * 1024;

  std::FILE* const file_;
  std::string prefix_;
  std::string text_;
};

template <class T>
class PrintWriter final : public SinkWriter<T> {
 public:
  PrintWriter(std::FILE* file, const std::string& name, const RuntimeContext& context) : lines_(file, name, context) {}

  Status Write(const T& record, EventTime) override {
    AppendPrinted(record, lines_.Begin());
    lines_.End();
    return lines_.WriteIfLarge();
  }
  Status Flush(bool) override { return lines_.Write(); }

 private:
  PrintedLines lines_;
};

// One line per record, in the form of types/print.h, to standard output. With several subtasks a line begins with the number (from 1) of its own: "2> ".
template <class T>
class PrintSink : public Sink<T> {
 public:
  // `name` stands before each line.
  explicit PrintSink(std::string name = {}, std::FILE* file = stdout) : name_(std::move(name)), file_(file) {}

  StatusOr<std::unique_ptr<SinkWriter<T>>> CreateWriter(const RuntimeContext& context) const {
    return std::make_unique<PrintWriter<T>>(file_, name_, context);
  }

 private:
  std::string name_;
  std::FILE* file_;
};

}  // namespace weir
