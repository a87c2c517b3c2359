#include "weir/base/file/in_memory_file_system.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "weir/base/check.h"
#include "weir/base/errno_status.h"
#include "weir/base/file/file_path.h"

namespace weir {
namespace {

StatusOr<std::string> KeyOf(const std::string& path) {
  WEIR_ASSIGN_OR_RETURN(const std::string local, PathFromUri(path));
  return NormalizePath(local);
}

Status Failed(int error, const char* action, const std::string& path) {
  return ErrnoError(error, std::string("cannot ") + action + " " + path);
}

// What all paths below `directory` begin with.
std::string PrefixOf(const std::string& directory) {
  if (directory == ".") return "";
  return directory.ends_with('/') ? directory : directory + "/";
}

bool IsBelow(const std::string& path, const std::string& directory) {
  if (directory == ".") return path != "." && !IsAbsolutePath(path);
  return path != directory && path.starts_with(PrefixOf(directory));
}

size_t CopyFrom(const std::string& content, uint64_t offset, std::span<char> into) {
  if (offset >= content.size()) return 0;
  const size_t length = std::min<size_t>(into.size(), content.size() - offset);
  std::memcpy(into.data(), content.data() + offset, length);
  return length;
}

}  // namespace

struct InMemoryFileSystem::Node {
  FileType type = FileType::kFile;
  std::string content;
  std::string synced;
  Timestamp modified;
};

class InMemoryFileSystem::Reader final : public ReadableFile {
 public:
  Reader(InMemoryFileSystem& files, std::string path, std::shared_ptr<Node> node)
      : files_(files), path_(std::move(path)), node_(std::move(node)) {}

  StatusOr<size_t> Read(std::span<char> into) override {
    WEIR_ASSIGN_OR_RETURN(const size_t got, ReadAt(offset_, into));
    offset_ += got;
    return got;
  }
  StatusOr<size_t> ReadAt(uint64_t offset, std::span<char> into) const override {
    MutexLock lock(files_.mutex_);
    return CopyFrom(node_->content, offset, into);
  }
  Status Seek(uint64_t offset) override {
    offset_ = offset;
    return OkStatus();
  }
  StatusOr<uint64_t> Size() const override {
    MutexLock lock(files_.mutex_);
    return uint64_t{node_->content.size()};
  }
  const std::string& path() const override { return path_; }

 private:
  InMemoryFileSystem& files_;
  const std::string path_;
  const std::shared_ptr<Node> node_;
  uint64_t offset_ = 0;
};

class InMemoryFileSystem::Writer final : public WritableFile {
 public:
  Writer(InMemoryFileSystem& files, std::string path, std::shared_ptr<Node> node, uint64_t size)
      : files_(files), path_(std::move(path)), node_(std::move(node)), size_(size) {}

  Status Append(std::string_view bytes) override {
    if (closed_) return FailedPreconditionError("cannot write " + path_ + ": it is closed");
    MutexLock lock(files_.mutex_);
    node_->content.append(bytes);
    node_->modified = files_.Now();
    size_ += bytes.size();
    return OkStatus();
  }
  Status Sync() override {
    if (closed_) return FailedPreconditionError("cannot sync " + path_ + ": it is closed");
    MutexLock lock(files_.mutex_);
    node_->synced = node_->content;
    return OkStatus();
  }
  Status Close() override {
    closed_ = true;
    return OkStatus();
  }
  uint64_t size() const override { return size_; }
  const std::string& path() const override { return path_; }

 private:
  InMemoryFileSystem& files_;
  const std::string path_;
  const std::shared_ptr<Node> node_;
  uint64_t size_;
  bool closed_ = false;
};

InMemoryFileSystem::InMemoryFileSystem(const Clock* clock) : clock_(clock) {
  for (const char* root : {"/", "."}) nodes_[root] = std::make_shared<Node>(Node{FileType::kDirectory, "", "", Now()});
}

StatusOr<std::unique_ptr<ReadableFile>> InMemoryFileSystem::OpenForRead(const std::string& path) {
  WEIR_ASSIGN_OR_RETURN(std::string key, KeyOf(path));
  MutexLock lock(mutex_);
  WEIR_ASSIGN_OR_RETURN(std::shared_ptr<Node> node, Find("open", key));
  if (node->type == FileType::kDirectory) return Failed(EISDIR, "read", key);
  return std::unique_ptr<ReadableFile>(std::make_unique<Reader>(*this, std::move(key), std::move(node)));
}

StatusOr<std::unique_ptr<WritableFile>> InMemoryFileSystem::OpenForWrite(const std::string& path, WriteMode mode) {
  WEIR_ASSIGN_OR_RETURN(std::string key, KeyOf(path));
  MutexLock lock(mutex_);
  WEIR_RETURN_IF_ERROR(CheckParent("create", key));
  std::shared_ptr<Node>& node = nodes_[key];
  if (node == nullptr) {
    node = std::make_shared<Node>();
    node->modified = Now();
  } else if (node->type == FileType::kDirectory) {
    return Failed(EISDIR, "create", key);
  } else if (mode == WriteMode::kCreate) {
    return Failed(EEXIST, "create", key);
  }
  if (mode == WriteMode::kTruncate) node->content.clear();
  const uint64_t size = node->content.size();
  return std::unique_ptr<WritableFile>(std::make_unique<Writer>(*this, std::move(key), node, size));
}

Status InMemoryFileSystem::Rename(const std::string& from, const std::string& to) {
  WEIR_ASSIGN_OR_RETURN(const std::string from_key, KeyOf(from));
  WEIR_ASSIGN_OR_RETURN(const std::string to_key, KeyOf(to));
  const std::string both = from_key + " to " + to_key;
  MutexLock lock(mutex_);
  const auto source = nodes_.find(from_key);
  if (source == nodes_.end()) return Failed(ENOENT, "rename", both);
  if (from_key == to_key) return OkStatus();
  if (IsBelow(to_key, from_key)) return Failed(EINVAL, "rename", both);
  WEIR_RETURN_IF_ERROR(CheckParent("rename", to_key));
  const bool is_directory = source->second->type == FileType::kDirectory;
  if (const auto target = nodes_.find(to_key); target != nodes_.end()) {
    const bool onto_directory = target->second->type == FileType::kDirectory;
    if (onto_directory != is_directory) return Failed(onto_directory ? EISDIR : ENOTDIR, "rename", both);
    if (onto_directory && HasEntries(to_key)) return Failed(ENOTEMPTY, "rename", both);
  }
  std::map<std::string, std::shared_ptr<Node>> moved;
  for (auto it = nodes_.begin(); it != nodes_.end();) {
    if (it->first != from_key && !IsBelow(it->first, from_key)) {
      ++it;
      continue;
    }
    moved[to_key + it->first.substr(from_key.size())] = it->second;
    it = nodes_.erase(it);
  }
  for (auto& [path, node] : moved) nodes_[path] = std::move(node);
  return OkStatus();
}

Status InMemoryFileSystem::Delete(const std::string& path) {
  WEIR_ASSIGN_OR_RETURN(const std::string key, KeyOf(path));
  MutexLock lock(mutex_);
  WEIR_RETURN_IF_ERROR(Find("delete", key).status());
  if (HasEntries(key)) return Failed(ENOTEMPTY, "delete", key);
  nodes_.erase(key);
  return OkStatus();
}

Status InMemoryFileSystem::DeleteRecursively(const std::string& path) {
  WEIR_ASSIGN_OR_RETURN(const std::string key, KeyOf(path));
  MutexLock lock(mutex_);
  std::erase_if(nodes_, [&](const auto& entry) { return entry.first == key || IsBelow(entry.first, key); });
  return OkStatus();
}

Status InMemoryFileSystem::CreateDirectories(const std::string& path) {
  WEIR_ASSIGN_OR_RETURN(const std::string key, KeyOf(path));
  MutexLock lock(mutex_);
  std::vector<std::string> missing;
  for (std::string at = key;; at = DirectoryName(at)) {
    const auto node = nodes_.find(at);
    if (node == nodes_.end()) {
      missing.push_back(at);
    } else if (node->second->type == FileType::kDirectory) {
      break;
    } else {
      return Failed(at == key ? EEXIST : ENOTDIR, "create directory", key);
    }
  }
  for (const std::string& directory : missing)
    nodes_[directory] = std::make_shared<Node>(Node{FileType::kDirectory, "", "", Now()});
  return OkStatus();
}

StatusOr<std::vector<FileInfo>> InMemoryFileSystem::List(const std::string& directory) {
  WEIR_ASSIGN_OR_RETURN(const std::string key, KeyOf(directory));
  MutexLock lock(mutex_);
  WEIR_ASSIGN_OR_RETURN(const std::shared_ptr<Node> node, Find("list", key));
  if (node->type != FileType::kDirectory) return Failed(ENOTDIR, "list", key);
  std::vector<FileInfo> entries;
  for (const auto& [path, entry] : nodes_) {
    // Named as LocalFileSystem names them: below the path that was asked for.
    if (IsBelow(path, key) && DirectoryName(path) == key)
      entries.push_back(InfoOf(JoinPath(directory, BaseName(path)), *entry));
  }
  return entries;
}

StatusOr<FileInfo> InMemoryFileSystem::Stat(const std::string& path) {
  WEIR_ASSIGN_OR_RETURN(const std::string key, KeyOf(path));
  MutexLock lock(mutex_);
  WEIR_ASSIGN_OR_RETURN(const std::shared_ptr<Node> node, Find("look at", key));
  return InfoOf(path, *node);
}

Status InMemoryFileSystem::SyncDirectory(const std::string& directory) {
  WEIR_ASSIGN_OR_RETURN(const std::string key, KeyOf(directory));
  MutexLock lock(mutex_);
  WEIR_ASSIGN_OR_RETURN(const std::shared_ptr<Node> node, Find("open directory", key));
  return node->type == FileType::kDirectory ? OkStatus() : Failed(ENOTDIR, "open directory", key);
}

Status InMemoryFileSystem::MakeExecutable(const std::string& path) { return Stat(path).status(); }

void InMemoryFileSystem::LoseUnsyncedContents() {
  MutexLock lock(mutex_);
  for (auto& [path, node] : nodes_) node->content = node->synced;
}

void InMemoryFileSystem::FlipBit(const std::string& path, uint64_t byte) {
  MutexLock lock(mutex_);
  const auto node = nodes_.find(NormalizePath(path));
  WEIR_CHECK(node != nodes_.end() && byte < node->second->content.size()) << path << " has no byte " << byte;
  node->second->content[byte] ^= 1;
}

StatusOr<std::shared_ptr<InMemoryFileSystem::Node>> InMemoryFileSystem::Find(const char* action,
                                                                             const std::string& path) {
  const auto node = nodes_.find(path);
  if (node == nodes_.end()) return Failed(ENOENT, action, path);
  return node->second;
}

Status InMemoryFileSystem::CheckParent(const char* action, const std::string& path) {
  const auto parent = nodes_.find(DirectoryName(path));
  if (parent == nodes_.end()) return Failed(ENOENT, action, path);
  return parent->second->type == FileType::kDirectory ? OkStatus() : Failed(ENOTDIR, action, path);
}

bool InMemoryFileSystem::HasEntries(const std::string& directory) {
  return std::any_of(nodes_.begin(), nodes_.end(), [&](const auto& entry) { return IsBelow(entry.first, directory); });
}

FileInfo InMemoryFileSystem::InfoOf(const std::string& path, const Node& node) const {
  return FileInfo{path, node.type, node.content.size(), node.modified};
}

}  // namespace weir
