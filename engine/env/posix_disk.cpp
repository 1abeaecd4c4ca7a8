#include "engine/env/posix_disk.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

namespace ottla {
namespace {

namespace fs = std::filesystem;

constexpr mode_t file_mode = 0644;
constexpr std::size_t gather_max = 64;  // Slices to one pwritev.

DiskError error_of(int code) {
  switch (code) {
    case ENOENT:
    case ENOTDIR: return DiskError::not_found;
    case EEXIST:
    case ENOTEMPTY: return DiskError::already_exists;
    case ENOSPC:
    case EFBIG:  // The process's limit on a file's size.
    case EDQUOT: return DiskError::no_space;
    case EROFS:
    case EACCES:
    case EPERM: return DiskError::read_only;
    default: return DiskError::input_output;
  }
}

tl::unexpected<DiskError> last_failure() {
  return failure(error_of(errno));
}
tl::unexpected<DiskError> failure_of(const std::error_code& code) {
  return failure(error_of(code.value()));
}

// No way out of the root: no absolute path, no empty, "." or ".." component, no zero byte.
bool is_inside(std::string_view path) {
  if (path.empty() || path.size() >= PATH_MAX || path.find('\0') != std::string_view::npos)
    return false;
  while (true) {
    const std::size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

std::string_view parent_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

bool is_at_or_below(std::string_view path, std::string_view folder) {
  return path.substr(0, folder.size()) == folder &&
         (path.size() == folder.size() || path[folder.size()] == '/');
}

DiskResult<void> sync_folder(const std::string& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return last_failure();
  const int synced = ::fsync(descriptor);
  const int code = errno;
  ::close(descriptor);
  if (synced < 0) return failure(error_of(code));
  return {};
}

// Writes all of it at `position`, some slices to a call.
DiskResult<void> write_all(int descriptor, std::uint64_t position, const ByteChain& content) {
  const std::span<const Bytes> slices = content.slices();
  std::size_t index = 0;
  std::size_t written_of_slice = 0;
  while (index < slices.size()) {
    std::array<iovec, gather_max> parts;
    std::size_t count = 0;
    for (; count < gather_max && index + count < slices.size(); ++count) {
      const std::size_t skipped = count == 0 ? written_of_slice : 0;
      const Bytes& slice = slices[index + count];
      parts[count].iov_base = const_cast<std::uint8_t*>(slice.data() + skipped);
      parts[count].iov_len = slice.size() - skipped;
    }
    const ssize_t written =
        ::pwritev(descriptor, parts.data(), static_cast<int>(count), static_cast<off_t>(position));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return last_failure();
    position += static_cast<std::uint64_t>(written);
    written_of_slice += static_cast<std::size_t>(written);
    while (index < slices.size() && written_of_slice >= slices[index].size()) {
      written_of_slice -= slices[index].size();
      ++index;
    }
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<PosixDisk>, std::string> PosixDisk::open_folder(
    const std::string& root, SyncScheduler& scheduler, std::size_t descriptors_max) {
  std::error_code code;
  fs::create_directories(root, code);
  if (code) return failure("cannot make the folder " + root + ": " + code.message());
  const std::string lock_path = root + "/.lock";
  const int lock = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, file_mode);
  if (lock < 0) return failure("cannot write to the folder " + root + ": " + std::strerror(errno));
  if (::flock(lock, LOCK_EX | LOCK_NB) < 0) {
    ::close(lock);
    return failure("another process uses the folder " + root + "; stop it, or name another folder");
  }
  return std::unique_ptr<PosixDisk>(
      new PosixDisk(root, lock, scheduler, std::max<std::size_t>(descriptors_max, 1)));
}

PosixDisk::~PosixDisk() {
  while (!recent_.empty()) take_descriptor(*recent_.back());
  ::close(lock_);
}

DiskResult<PosixDisk::File*> PosixDisk::at(FileId file) {
  const auto found = ids_.find(file);
  if (found == ids_.end() || found->second->removed) return failure(DiskError::not_found);
  return found->second.get();
}

DiskResult<PosixDisk::File*> PosixDisk::ready(FileId file) {
  const auto open_file = at(file);
  if (!open_file) return open_file;
  File& wanted = **open_file;
  if (wanted.descriptor >= 0) {
    recent_.splice(recent_.begin(), recent_, wanted.recent);
  } else if (auto given = give_descriptor(wanted, 0); !given) {
    return failure(given.error());
  }
  return &wanted;
}

DiskResult<void> PosixDisk::give_descriptor(File& file, int flags) {
  while (recent_.size() >= descriptors_max_) take_descriptor(*recent_.back());
  const int descriptor =
      ::open(full(file.path).c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, file_mode);
  if (descriptor < 0) return last_failure();
  struct stat status {};
  if (::fstat(descriptor, &status) < 0 || !S_ISREG(status.st_mode)) {
    ::close(descriptor);
    return failure(DiskError::input_output);
  }
  file.descriptor = descriptor;
  file.size = static_cast<std::uint64_t>(status.st_size);
  recent_.push_front(&file);
  file.recent = recent_.begin();
  return {};
}

void PosixDisk::take_descriptor(File& file) {
  if (file.descriptor < 0) return;
  ::close(file.descriptor);
  file.descriptor = -1;
  recent_.erase(file.recent);
}

DiskResult<FileId> PosixDisk::open(std::string_view path, Open mode) {
  if (!is_inside(path)) return failure(DiskError::not_found);
  auto known = files_.find(path);
  if (known != files_.end() && mode == Open::create_new) return failure(DiskError::already_exists);
  if (known == files_.end()) {
    auto file = std::make_shared<File>();
    file->path = std::string(path);
    auto given = mode == Open::create_new ? DiskResult<void>(failure(DiskError::not_found))
                                          : give_descriptor(*file, 0);
    if (!given && given.error() == DiskError::not_found && mode != Open::existing) {
      std::error_code code;
      fs::create_directories(full(parent_of(path)), code);
      if (code) return failure_of(code);
      given = give_descriptor(*file, O_CREAT | O_EXCL);
      file->folder_unsynced = true;
    }
    if (!given) return failure(given.error());
    known = files_.emplace(file->path, file).first;
  }
  ++known->second->users;
  last_id_ = last_id_.next();
  ids_.emplace(last_id_, known->second);
  return last_id_;
}

void PosixDisk::close(FileId file) {
  const auto found = ids_.find(file);
  if (found == ids_.end()) return;
  const std::shared_ptr<File> closed = found->second;
  ids_.erase(found);
  if (--closed->users > 0) return;
  take_descriptor(*closed);
  if (!closed->removed) files_.erase(closed->path);
}

DiskResult<std::uint64_t> PosixDisk::size(FileId file) {
  const auto open_file = at(file);
  if (!open_file) return failure(open_file.error());
  return (*open_file)->size;
}

DiskResult<void> PosixDisk::append(FileId file, const ByteChain& content) {
  const auto open_file = ready(file);
  if (!open_file) return failure(open_file.error());
  File& to = **open_file;
  auto written = write_all(to.descriptor, to.size, content);
  if (!written) {
    // All or nothing. Where even this fails, the size that is kept still leaves the rest out.
    [[maybe_unused]] const int cut = ::ftruncate(to.descriptor, static_cast<off_t>(to.size));
    return written;
  }
  to.size += content.size();
  return {};
}

DiskResult<ByteChain> PosixDisk::read(FileId file, std::uint64_t position, std::size_t length) {
  const auto open_file = ready(file);
  if (!open_file) return failure(open_file.error());
  const File& from = **open_file;
  if (position >= from.size) return ByteChain();
  length = static_cast<std::size_t>(std::min<std::uint64_t>(length, from.size - position));
  MutableBytes content(length);
  std::size_t done = 0;
  while (done < length) {
    const ssize_t got = ::pread(from.descriptor, content.data() + done, length - done,
                                static_cast<off_t>(position + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return last_failure();
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return ByteChain(std::move(content).freeze(done));
}

DiskResult<void> PosixDisk::truncate(FileId file, std::uint64_t size) {
  const auto open_file = ready(file);
  if (!open_file) return failure(open_file.error());
  if (::ftruncate((*open_file)->descriptor, static_cast<off_t>(size)) < 0) return last_failure();
  (*open_file)->size = size;
  return {};
}

void PosixDisk::sync(FileId file, DiskOperationId operation) {
  scheduler_.schedule_sync_done(operation, sync_now(file));
}

DiskResult<void> PosixDisk::sync_now(FileId file) {
  const auto open_file = ready(file);
  if (!open_file) return failure(open_file.error());
  File& synced = **open_file;
  if (::fdatasync(synced.descriptor) < 0) return last_failure();
  if (!synced.folder_unsynced) return {};
  synced.folder_unsynced = false;
  return sync_folders_of(synced.path);
}

DiskResult<void> PosixDisk::sync_folders_of(std::string_view path) {
  while (!path.empty()) {
    path = parent_of(path);
    if (auto synced = sync_folder(full(path)); !synced) return synced;
  }
  return {};
}

DiskResult<void> PosixDisk::rename(std::string_view from, std::string_view to) {
  if (!is_inside(from) || !is_inside(to)) return failure(DiskError::not_found);
  const std::string source = full(from);
  std::error_code code;
  fs::create_directories(full(parent_of(to)), code);
  if (code) return failure_of(code);
  struct stat status {};
  if (::lstat(source.c_str(), &status) < 0) return last_failure();
  if (S_ISREG(status.st_mode)) {
    // The content reaches the device before the name does, or a power loss could leave an empty
    // file.
    const int descriptor = ::open(source.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (descriptor < 0) return last_failure();
    const int synced = ::fdatasync(descriptor);
    const int failed = errno;
    ::close(descriptor);
    if (synced < 0) return failure(error_of(failed));
  }
  if (::rename(source.c_str(), full(to).c_str()) < 0) return last_failure();
  if (from != to) {
    forget_below(to);
    move_below(from, to);
  }
  if (auto synced = sync_folder(full(parent_of(to))); !synced) return synced;
  if (parent_of(from) != parent_of(to)) return sync_folder(full(parent_of(from)));
  return {};
}

DiskResult<void> PosixDisk::remove(std::string_view path) {
  if (!is_inside(path)) return failure(DiskError::not_found);
  if (::unlink(full(path).c_str()) < 0) return last_failure();
  forget_below(path);
  return {};
}

DiskResult<void> PosixDisk::remove_folder(std::string_view path) {
  if (!is_inside(path)) return failure(DiskError::not_found);
  std::error_code code;
  fs::remove_all(full(path), code);
  if (code && code.value() != ENOENT) return failure_of(code);
  forget_below(path);
  return {};
}

void PosixDisk::forget_below(std::string_view path) {
  for (auto it = files_.begin(); it != files_.end();) {
    if (!is_at_or_below(it->first, path)) {
      ++it;
      continue;
    }
    take_descriptor(*it->second);
    it->second->removed = true;
    it = files_.erase(it);
  }
}

void PosixDisk::move_below(std::string_view from, std::string_view to) {
  std::vector<std::shared_ptr<File>> moved;
  for (auto it = files_.begin(); it != files_.end();) {
    if (is_at_or_below(it->first, from)) {
      moved.push_back(std::move(it->second));
      it = files_.erase(it);
    } else {
      ++it;
    }
  }
  for (const std::shared_ptr<File>& file : moved) {
    file->path = std::string(to) + file->path.substr(from.size());
    files_.emplace(file->path, file);
  }
}

DiskResult<DiskVolume> PosixDisk::volume(std::string_view folder) {
  if (!folder.empty() && !is_inside(folder)) return failure(DiskError::not_found);
  std::error_code code;
  const fs::path root = fs::absolute(folder.empty() ? root_ : full(folder), code);
  if (code) return failure_of(code);
  const fs::space_info space = fs::space(root, code);
  if (code) return failure_of(code);
  return DiskVolume{.root = root.lexically_normal().string(),
                    .total_bytes = space.capacity,
                    .usable_bytes = space.available};
}

DiskResult<std::vector<std::string>> PosixDisk::list(std::string_view folder) {
  if (!folder.empty() && folder.back() == '/') folder.remove_suffix(1);
  if (!folder.empty() && !is_inside(folder)) return failure(DiskError::not_found);
  std::vector<std::string> names;
  std::error_code code;
  fs::directory_iterator it(full(folder), code);
  if (code && code.value() == ENOENT) return names;
  for (; !code && it != fs::directory_iterator(); it.increment(code)) {
    std::string name = it->path().filename().string();
    if (folder.empty() && name == ".lock") continue;
    std::error_code unknown;
    if (it->is_directory(unknown)) name += '/';
    names.push_back(std::move(name));
  }
  if (code) return failure_of(code);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace ottla
