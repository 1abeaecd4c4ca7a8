#include "engine/env/memory_file_system.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

namespace ottla {
namespace {

// The paths inside `folder` begin so; everything does in the root.
std::string folder_prefix(std::string_view folder) {
  if (folder.empty()) return {};
  std::string prefix(folder);
  if (prefix.back() != '/') prefix += '/';
  return prefix;
}

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

// May `added` bytes come to the `used` ones?
DiskResult<void> allow(DiskFaults& faults, std::uint64_t used, std::uint64_t added) {
  if (faults.read_only) return failure(DiskError::read_only);
  if (faults.writes_fail) return failure(DiskError::input_output);
  if (added > 0 && (used > faults.capacity_bytes || added > faults.capacity_bytes - used)) {
    return failure(DiskError::no_space);
  }
  if (faults.changes_until_failure) {
    if (*faults.changes_until_failure == 0) return failure(DiskError::input_output);
    --*faults.changes_until_failure;
  }
  return {};
}

bool is_limited(const DiskFaults& faults) {
  return faults.capacity_bytes < std::numeric_limits<std::uint64_t>::max();
}

}  // namespace

DiskFaults& MemoryFileSystem::faults_below(std::string_view folder) {
  const std::string prefix = folder_prefix(folder);
  if (prefix.empty()) return faults;
  for (Mount& mount : mounts_) {
    if (mount.prefix == prefix) return mount.faults;
  }
  mounts_.push_back({prefix, {}});
  for (const auto& [path, file] : files_) file->mount = mount_of(path);
  return mounts_.back().faults;
}

std::size_t MemoryFileSystem::mount_of(std::string_view path) const {
  std::size_t nearest = 0;
  for (std::size_t i = 1; i < mounts_.size(); ++i) {
    const std::string& prefix = mounts_[i].prefix;
    if (starts_with(path, prefix) && prefix.size() > mounts_[nearest].prefix.size()) nearest = i;
  }
  return nearest;
}

std::uint64_t MemoryFileSystem::used_bytes(std::string_view folder) const {
  if (folder.empty()) return used_bytes_;
  const std::string prefix = folder_prefix(folder);
  std::uint64_t sum = 0;
  for (auto at = files_.lower_bound(prefix); at != files_.end(); ++at) {
    if (!starts_with(at->first, prefix)) break;
    sum += at->second->size();
  }
  return sum;
}

DiskResult<DiskVolume> MemoryFileSystem::volume(std::string_view folder) const {
  const std::size_t at = mount_of(folder_prefix(folder));
  if (fails_reads(at)) return failure(DiskError::input_output);
  const auto usable = [](std::uint64_t capacity, std::uint64_t used) {
    return capacity - std::min(capacity, used);
  };
  const Mount& mount = mounts_[at];
  const std::uint64_t whole = faults.capacity_bytes;
  const std::uint64_t own = mount.faults.capacity_bytes;
  return DiskVolume{
      .root = {},
      .total_bytes = std::min(whole, own),
      .usable_bytes = std::min(usable(whole, used_bytes_), usable(own, used_bytes(mount.prefix)))};
}

DiskResult<void> MemoryFileSystem::allow_change(std::size_t mount, std::uint64_t added) {
  if (auto allowed = allow(faults, used_bytes_, added); !allowed) return allowed;
  if (mount == 0) return {};
  Mount& at = mounts_[mount];
  return allow(at.faults, is_limited(at.faults) ? used_bytes(at.prefix) : 0, added);
}

void MemoryFileSystem::link(std::string path, FilePointer file) {
  file->mount = mount_of(path);
  files_.insert_or_assign(std::move(path), std::move(file));
}

MemoryFileSystem::FilePointer MemoryFileSystem::find(std::string_view path) const {
  const auto found = files_.find(path);
  return found == files_.end() ? nullptr : found->second;
}

DiskResult<MemoryFileSystem::FilePointer> MemoryFileSystem::open(std::string_view path,
                                                                 Disk::Open mode) {
  if (FilePointer file = find(path)) {
    if (mode == Disk::Open::create_new) return failure(DiskError::already_exists);
    return file;
  }
  if (mode == Disk::Open::existing) return failure(DiskError::not_found);
  if (auto allowed = allow_change(mount_of(path)); !allowed) return failure(allowed.error());
  auto file = std::make_shared<MemoryFile>();
  link(std::string(path), file);
  return file;
}

DiskResult<void> MemoryFileSystem::append(MemoryFile& file, const ByteChain& content) {
  if (auto allowed = allow_change(file.mount, content.size()); !allowed) return allowed;
  file.append(content);
  if (file.is_linked()) used_bytes_ += content.size();
  return {};
}

DiskResult<ByteChain> MemoryFileSystem::read(const MemoryFile& file, std::uint64_t position,
                                             std::size_t length) const {
  if (fails_reads(file.mount)) return failure(DiskError::input_output);
  return file.read(position, length);
}

DiskResult<void> MemoryFileSystem::truncate(MemoryFile& file, std::uint64_t size) {
  const std::uint64_t before = file.size();
  const std::uint64_t added = size > before ? size - before : 0;
  if (auto allowed = allow_change(file.mount, added); !allowed) return allowed;
  file.truncate(size);
  if (file.is_linked()) used_bytes_ = used_bytes_ - before + size;
  return {};
}

DiskResult<void> MemoryFileSystem::rename(std::string_view from, std::string_view to) {
  if (const FilePointer file = find(from)) {
    if (auto allowed = allow_change(mount_of(to)); !allowed) return allowed;
    if (from == to) return {};
    if (const FilePointer replaced = find(to)) unlink(*replaced);
    file->mark_synced(file->size());
    files_.erase(files_.find(from));
    link(std::string(to), file);
    return {};
  }
  const std::string source = folder_prefix(from);
  const std::string target = folder_prefix(to);
  const auto first = files_.lower_bound(source);
  if (first == files_.end() || !starts_with(first->first, source))
    return failure(DiskError::not_found);
  const auto taken = files_.lower_bound(target);
  if (taken != files_.end() && starts_with(taken->first, target)) {
    return failure(DiskError::already_exists);
  }
  if (auto allowed = allow_change(mount_of(target)); !allowed) return allowed;
  std::vector<std::pair<std::string, FilePointer>> moved;
  auto it = first;
  while (it != files_.end() && starts_with(it->first, source)) {
    moved.emplace_back(target + it->first.substr(source.size()), std::move(it->second));
    it = files_.erase(it);
  }
  for (auto& [path, file] : moved) link(std::move(path), std::move(file));
  return {};
}

DiskResult<void> MemoryFileSystem::remove(std::string_view path) {
  const auto found = files_.find(path);
  if (found == files_.end()) return failure(DiskError::not_found);
  if (auto allowed = allow_change(found->second->mount); !allowed) return allowed;
  unlink(*found->second);
  files_.erase(found);
  return {};
}

DiskResult<void> MemoryFileSystem::remove_folder(std::string_view path) {
  const std::string prefix = folder_prefix(path);
  auto it = files_.lower_bound(prefix);
  if (it == files_.end() || !starts_with(it->first, prefix)) return {};
  if (auto allowed = allow_change(mount_of(prefix)); !allowed) return allowed;
  while (it != files_.end() && starts_with(it->first, prefix)) {
    unlink(*it->second);
    it = files_.erase(it);
  }
  return {};
}

DiskResult<std::vector<std::string>> MemoryFileSystem::list(std::string_view folder) const {
  const std::string prefix = folder_prefix(folder);
  if (fails_reads(mount_of(prefix))) return failure(DiskError::input_output);
  std::vector<std::string> names;
  for (auto it = files_.lower_bound(prefix); it != files_.end(); ++it) {
    if (!starts_with(it->first, prefix)) break;
    const std::string_view rest = std::string_view(it->first).substr(prefix.size());
    const std::size_t slash = rest.find('/');
    std::string name(slash == std::string_view::npos ? rest : rest.substr(0, slash + 1));
    if (names.empty() || names.back() != name) names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> MemoryFileSystem::paths() const {
  std::vector<std::string> all;
  all.reserve(files_.size());
  for (const auto& [path, file] : files_) all.push_back(path);
  return all;
}

void MemoryFileSystem::unlink(MemoryFile& file) {
  used_bytes_ -= file.size();
  file.unlink();
}

void MemoryFileSystem::recount() {
  used_bytes_ = 0;
  for (const auto& [path, file] : files_) used_bytes_ += file->size();
}

void MemoryFileSystem::lose_power() {
  for (const auto& [path, file] : files_) file->truncate(file->synced_size());
  recount();
}

void MemoryFileSystem::lose_power_tearing(Prng& draws) {
  for (const auto& [path, file] : files_) {
    const std::uint64_t synced = file->synced_size();
    const std::uint64_t tail = file->unsynced_size();
    if (tail == 0) continue;
    const std::uint64_t kind = draws.below(4);
    const std::uint64_t kept = kind < 2 ? 0 : draws.below(tail + 1);
    const std::uint64_t zeroed = kind == 3 ? std::min<std::uint64_t>(kept, draws.below(512)) : 0;
    file->truncate(synced + kept - zeroed);
    if (zeroed > 0) file->truncate(synced + kept);
    file->mark_synced(file->size());
  }
  recount();
}

std::optional<std::string> MemoryFileSystem::rot_bit(Prng& draws,
                                                     const std::vector<FileRange>& places) {
  std::uint64_t total = 0;
  for (const FileRange& place : places) total += place.end - place.begin;
  if (total == 0) return std::nullopt;
  std::uint64_t chosen = draws.below(total);
  for (const FileRange& place : places) {
    const std::uint64_t size = place.end - place.begin;
    if (chosen < size) {
      find(place.path)->flip_bit(place.begin + chosen, static_cast<unsigned>(draws.below(8)));
      return place.path;
    }
    chosen -= size;
  }
  return std::nullopt;
}

}  // namespace ottla
