// `weir-state`: looks into savepoints from a shell (state_command.h).
#include <cstdio>
#include <string>
#include <vector>

#include "weir/base/execution/signal.h"
#include "weir/state/inspection/state_command.h"

namespace weir {
namespace {

TextSink Into(std::FILE* file) {
  return [file](std::string_view text) -> Status {
    if (std::fwrite(text.data(), 1, text.size(), file) == text.size()) return OkStatus();
    return UnavailableError("cannot write the output");
  };
}

int Main(int argc, char** argv) {
  IgnoreBrokenPipes();
  LocalFileSystem files;
  return RunStateCommand(files, std::vector<std::string>(argv + 1, argv + argc), Into(stdout), Into(stderr));
}

}  // namespace
}  // namespace weir

int main(int argc, char** argv) { return weir::Main(argc, argv); }
