#include "engine/env/memory_disk.h"

#include <algorithm>
#include <utility>

namespace ottla {

MemoryFile* MemoryDisk::at(FileId file) const {
  const auto found = open_.find(file);
  return found == open_.end() ? nullptr : found->second.get();
}

DiskResult<FileId> MemoryDisk::open(std::string_view path, Open mode) {
  auto file = files_.open(path, mode);
  if (!file) return failure(file.error());
  last_id_ = last_id_.next();
  open_.emplace(last_id_, std::move(*file));
  return last_id_;
}

void MemoryDisk::close(FileId file) {
  open_.erase(file);
}

DiskResult<std::uint64_t> MemoryDisk::size(FileId file) {
  const MemoryFile* content = at(file);
  if (content == nullptr) return failure(DiskError::not_found);
  return content->size();
}

DiskResult<void> MemoryDisk::append(FileId file, const ByteChain& content) {
  MemoryFile* to = at(file);
  if (to == nullptr) return failure(DiskError::not_found);
  return files_.append(*to, content);
}

DiskResult<ByteChain> MemoryDisk::read(FileId file, std::uint64_t position, std::size_t length) {
  const MemoryFile* from = at(file);
  if (from == nullptr) return failure(DiskError::not_found);
  return files_.read(*from, position, length);
}

DiskResult<void> MemoryDisk::truncate(FileId file, std::uint64_t size) {
  MemoryFile* content = at(file);
  if (content == nullptr) return failure(DiskError::not_found);
  // What is appended after the cut is not part of a sync that began before it.
  for (auto& [operation, sync] : pending_) {
    if (sync.file.get() == content) sync.size = std::min(sync.size, size);
  }
  return files_.truncate(*content, size);
}

void MemoryDisk::sync(FileId file, DiskOperationId operation) {
  const auto found = open_.find(file);
  if (found == open_.end()) {
    return scheduler_.schedule_sync_done(operation, failure(DiskError::not_found));
  }
  MemoryFile& content = *found->second;
  if (files_.fails_syncs(content)) {
    return scheduler_.schedule_sync_done(operation, failure(DiskError::input_output));
  }
  if (syncs_ == Syncs::at_once) {
    content.mark_synced(content.size());
  } else {
    pending_.insert_or_assign(operation,
                              PendingSync{found->second, content.size(), content.unsynced_size()});
  }
  scheduler_.schedule_sync_done(operation, {});
}

std::uint64_t MemoryDisk::bytes_of_sync(DiskOperationId operation) const {
  const auto found = pending_.find(operation);
  return found == pending_.end() ? 0 : found->second.bytes;
}

void MemoryDisk::finish_sync(DiskOperationId operation) {
  const auto found = pending_.find(operation);
  if (found == pending_.end()) return;
  found->second.file->mark_synced(found->second.size);
  pending_.erase(found);
}

DiskResult<void> MemoryDisk::rename(std::string_view from, std::string_view to) {
  return files_.rename(from, to);
}

DiskResult<void> MemoryDisk::remove(std::string_view path) {
  return files_.remove(path);
}

DiskResult<void> MemoryDisk::remove_folder(std::string_view path) {
  return files_.remove_folder(path);
}

DiskResult<std::vector<std::string>> MemoryDisk::list(std::string_view folder) {
  return files_.list(folder);
}

DiskResult<DiskVolume> MemoryDisk::volume(std::string_view folder) {
  return files_.volume(folder);
}

}  // namespace ottla
