#include "weir/rpc/program/program_libraries.h"

#include <elf.h>

#include <algorithm>
#include <cstring>

#include "weir/base/file/file_contents.h"
#include "weir/base/process/child_process.h"

namespace weir {
namespace {

constexpr uint64_t kLongestTrace = 4 << 20;
constexpr size_t kNamedAtMost = 5;

// The loader that the program asks for; empty: it is linked statically and needs none.
StatusOr<std::string> LoaderOf(const ReadableFile& file) {
  Elf64_Ehdr header;
  WEIR_ASSIGN_OR_RETURN(const std::string bytes, ReadExactly(file, 0, sizeof(header)));
  std::memcpy(&header, bytes.data(), sizeof(header));
  for (int i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment;
    WEIR_ASSIGN_OR_RETURN(
        const std::string entry,
        ReadExactly(file, header.e_phoff + static_cast<uint64_t>(i) * header.e_phentsize, sizeof(segment)));
    std::memcpy(&segment, entry.data(), sizeof(segment));
    if (segment.p_type != PT_INTERP || segment.p_filesz < 2) continue;
    WEIR_ASSIGN_OR_RETURN(std::string path, ReadExactly(file, segment.p_offset, segment.p_filesz - 1));
    return path;
  }
  return std::string();
}

std::string_view Trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") + 1 - begin);
}

void ReadTraceLine(std::string_view line, ProgramLibraries& into) {
  constexpr std::string_view kSymbol = "undefined symbol: ";
  if (const size_t at = line.find(kSymbol); at != std::string_view::npos) {
    const std::string_view symbol = line.substr(at + kSymbol.size());
    into.symbols.emplace_back(Trimmed(symbol.substr(0, symbol.find_first_of("\t,"))));
    return;
  }
  const size_t arrow = line.find(" => ");
  if (arrow == std::string_view::npos) return;
  const std::string_view name = Trimmed(line.substr(0, arrow));
  const std::string_view rest = line.substr(arrow + 4);
  if (rest.starts_with("not found")) {
    if (std::ranges::find(into.missing, name) == into.missing.end()) into.missing.emplace_back(name);
    return;
  }
  into.loaded.push_back({std::string(name), std::string(Trimmed(rest.substr(0, rest.find(" (0x"))))});
}

std::string Named(const std::vector<std::string>& names) {
  std::string text;
  for (size_t i = 0; i < names.size() && i < kNamedAtMost; ++i) text += (i == 0 ? "" : ", ") + names[i];
  const size_t more = names.size() - std::min(names.size(), kNamedAtMost);
  return more == 0 ? text : text + " and " + std::to_string(more) + " more";
}

}  // namespace

std::string ProgramLibraries::Describe() const {
  std::string text;
  if (!missing.empty()) text = "it needs shared libraries that are not here: " + Named(missing);
  // What a missing library would define is missing too.
  if (missing.empty() && !symbols.empty()) text = "no library defines symbols that it needs: " + Named(symbols);
  return text;
}

ProgramLibraries ReadTrace(std::string_view text) {
  ProgramLibraries libraries;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    ReadTraceLine(text.substr(0, end), libraries);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return libraries;
}

StatusOr<ProgramLibraries> TraceLibraries(FileSystem& files, const std::string& executable,
                                          const std::string& library_path, const std::string& scratch,
                                          std::shared_ptr<const ProcessUser> user) {
  std::string loader;
  {
    WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<ReadableFile> file, files.OpenForRead(executable));
    WEIR_ASSIGN_OR_RETURN(loader, LoaderOf(*file));
  }
  if (loader.empty()) return ProgramLibraries();
  ChildCommand command;
  command.executable = loader;
  command.arguments = {loader, executable};
  // As `ldd -r` asks: the loader lists and checks, and never comes to the program.
  command.environment = {"LD_TRACE_LOADED_OBJECTS=1", "LD_BIND_NOW=1", "LD_WARN=1"};
  if (!library_path.empty()) command.environment.push_back("LD_LIBRARY_PATH=" + library_path);
  // The program says which loader it wants, so that one is trusted no more than the program.
  command.user = std::move(user);
  command.stdout_path = scratch;
  command.stderr_path = scratch;
  // Its end is waited for when it goes.
  WEIR_RETURN_IF_ERROR(ChildProcess::Start(command, [](ExitStatus) {}).status());
  const StatusOr<std::string> text = ReadWholeFile(files, scratch, kLongestTrace);
  static_cast<void>(files.Delete(scratch));
  if (!text.ok()) return text.status();
  return ReadTrace(*text);
}

bool IsSystemLibrary(const LoadedLibrary& library) {
  // Jobs of several versions run side by side, so the engine's own always travels.
  if (library.name.starts_with("libweir.so")) return false;
  return std::ranges::any_of(std::initializer_list<std::string_view>{"/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/"},
                             [&](std::string_view folder) { return library.path.starts_with(folder); });
}

}  // namespace weir
