#include "weir/jobmanager/jar/jar_store.h"

#include <elf.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <utility>

#include "weir/base/file/file_path.h"
#include "weir/base/ids.h"
#include "weir/base/random.h"
#include "weir/base/readable.h"

namespace weir {
namespace {

#if defined(__x86_64__)
constexpr uint16_t kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr uint16_t kMachine = EM_AARCH64;
#endif

constexpr size_t kIdDigits = 32;
constexpr size_t kMostNameBytes = 128;
constexpr std::string_view kPartial = ".upload-";

class Upload final : public JarUpload {
 public:
  Upload(FileSystem* files, std::unique_ptr<WritableFile> file, std::string folder, JarInfo info, uint64_t most_bytes)
      : files_(files), file_(std::move(file)), folder_(std::move(folder)), info_(std::move(info)), most_(most_bytes) {}
  ~Upload() override {
    if (file_ == nullptr) return;
    const std::string path = file_->path();
    file_.reset();
    static_cast<void>(files_->Delete(path));
  }

  Status Append(std::string_view bytes) override {
    if (file_->size() + bytes.size() > most_) {
      return OutOfRangeError("the upload is larger than " + ReadableBytes(most_) + " (rest.server.max-content-length)");
    }
    if (header_.size() < sizeof(Elf64_Ehdr)) header_.append(bytes.substr(0, sizeof(Elf64_Ehdr) - header_.size()));
    // Before the rest of it is taken in.
    if (header_.size() == sizeof(Elf64_Ehdr)) WEIR_RETURN_IF_ERROR(CheckExecutable(header_, info_.name));
    return file_->Append(bytes);
  }

  StatusOr<JarInfo> Finish() override {
    WEIR_RETURN_IF_ERROR(CheckExecutable(header_, info_.name));
    WEIR_RETURN_IF_ERROR(file_->Close());
    const std::string path = file_->path();
    WEIR_RETURN_IF_ERROR(files_->MakeExecutable(path));
    WEIR_RETURN_IF_ERROR(files_->Rename(path, folder_ + "/" + info_.id));
    file_.reset();
    return info_;
  }

 private:
  FileSystem* const files_;
  std::unique_ptr<WritableFile> file_;  // null: finished
  const std::string folder_;
  const JarInfo info_;
  const uint64_t most_;
  std::string header_;
};

bool IsJarId(std::string_view id) {
  if (id.size() <= kIdDigits + 1 || id[kIdDigits] != '_') return false;
  if (!Id128::FromHex(id.substr(0, kIdDigits)).ok()) return false;
  return SafeJarName(std::string(id.substr(kIdDigits + 1))) == id.substr(kIdDigits + 1);
}

}  // namespace

std::string SafeJarName(const std::string& name) {
  // Browsers of old sent whole paths, of either kind.
  std::string safe = name.substr(name.find_last_of("/\\") + 1);
  for (char& c : safe) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '.' && c != '-' && c != '_') c = '_';
  }
  if (safe.size() > kMostNameBytes) safe.resize(kMostNameBytes);
  return safe.empty() || safe.find_first_not_of('.') == std::string::npos ? "program" : safe;
}

Status CheckExecutable(std::string_view bytes, const std::string& name) {
  Elf64_Ehdr header{};
  const bool is_elf = bytes.size() >= sizeof(header) && std::memcmp(bytes.data(), ELFMAG, SELFMAG) == 0;
  if (is_elf) std::memcpy(&header, bytes.data(), sizeof(header));
  const bool is_program = header.e_type == ET_EXEC || header.e_type == ET_DYN;
  if (!is_elf || header.e_ident[EI_CLASS] != ELFCLASS64 || !is_program) {
    return InvalidArgumentError("\"" + name +
                                "\" is no job executable: its header is not that of a 64-bit ELF program. Upload a job "
                                "built with weir_add_job, not a script or an archive");
  }
  if (header.e_machine == kMachine) return OkStatus();
  return InvalidArgumentError("\"" + name + "\" was built for another processor (ELF machine " +
                              std::to_string(header.e_machine) + ", this one is " + std::to_string(kMachine) + ")");
}

StatusOr<std::unique_ptr<JarStore>> JarStore::Open(JarStoreOptions options) {
  FileSystem& files = *options.files;
  WEIR_RETURN_IF_ERROR(files.CreateDirectories(options.folder));
  WEIR_ASSIGN_OR_RETURN(const std::vector<FileInfo> entries, files.List(options.folder));
  for (const FileInfo& entry : entries) {
    if (BaseName(entry.path).starts_with(kPartial)) WEIR_RETURN_IF_ERROR(files.Delete(entry.path));
  }
  return std::unique_ptr<JarStore>(new JarStore(std::move(options)));
}

StatusOr<std::unique_ptr<JarUpload>> JarStore::Begin(const std::string& name) {
  JarInfo info{.id = "", .name = SafeJarName(name), .uploaded = {}};
  const std::string uuid = Id128::Random(*options_.random).ToHex();
  info.id = uuid + "_" + info.name;
  const std::string path = options_.folder + "/" + std::string(kPartial) + uuid;
  WEIR_ASSIGN_OR_RETURN(std::unique_ptr<WritableFile> file, options_.files->OpenForWrite(path, WriteMode::kCreate));
  return std::unique_ptr<JarUpload>(
      new Upload(options_.files, std::move(file), options_.folder, std::move(info), options_.most_bytes));
}

StatusOr<std::vector<JarInfo>> JarStore::List() {
  WEIR_ASSIGN_OR_RETURN(const std::vector<FileInfo> entries, options_.files->List(options_.folder));
  std::vector<JarInfo> jars;
  for (const FileInfo& entry : entries) {
    const std::string id(BaseName(entry.path));
    if (IsJarId(id)) jars.push_back({.id = id, .name = id.substr(kIdDigits + 1), .uploaded = entry.modified});
  }
  return jars;
}

StatusOr<std::string> JarStore::PathOf(const std::string& id) {
  const std::string path = options_.folder + "/" + id;
  if (IsJarId(id)) {
    WEIR_ASSIGN_OR_RETURN(const bool exists, options_.files->Exists(path));
    if (exists) return path;
  }
  return NotFoundError("Jar file " + id + " does not exist");
}

Status JarStore::Delete(const std::string& id) {
  WEIR_ASSIGN_OR_RETURN(const std::string path, PathOf(id));
  return options_.files->Delete(path);
}

}  // namespace weir
