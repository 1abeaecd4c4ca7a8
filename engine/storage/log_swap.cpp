// How compaction's segments come into the log, so that a crash at any moment leaves the old
// segments or the new one: UnifiedLog.replaceSegments, and what LogLoader does after a crash.
//
//   .cleaned   Being written. Left behind: removed.
//   .swap      Whole, and on stable storage. Left behind, without a .cleaned at or below: the old
//              segments that it covers are removed, and it takes its place.
#include <fmt/format.h>

#include <limits>
#include <utility>

#include "engine/storage/batch_scanner.h"
#include "engine/storage/log.h"
#include "engine/storage/partition_folder.h"

namespace ottla::storage {
namespace {

constexpr Offset last_offset_possible{std::numeric_limits<std::int64_t>::max()};
constexpr std::size_t offset_digits = 20;

// The offset that a file's name begins with, whatever follows.
std::optional<Offset> leading_offset(std::string_view name) {
  if (name.size() <= offset_digits) return std::nullopt;
  return parse_offset_file_name(name, name.substr(offset_digits));
}

// The offset in a name that ends so.
std::optional<Offset> offset_before(std::string_view name, std::string_view ending) {
  if (!name.ends_with(ending)) return std::nullopt;
  return leading_offset(name);
}

Result<void, StorageError> remove_file(Disk& disk, const std::string& path) {
  const auto gone = disk.remove(path);
  if (!gone && gone.error() != DiskError::not_found) return disk_failure(gone.error());
  return {};
}

// Where the last batch of a log file ends that begins at `base`.
struct SwapEnd {
  Offset offset;  // At least the next offset, so that the old files of the same base are covered.
  std::uint64_t position = 0;
  bool is_whole = true;  // There is nothing after it.
};
Result<SwapEnd, StorageError> end_of(Disk& disk, const std::string& path, Offset base) {
  const auto file = disk.open(path, Disk::Open::existing);
  if (!file) return disk_failure(file.error());
  const auto size = disk.size(*file);
  SwapEnd end{.offset = base.next()};
  std::optional<StorageError> error;
  if (size) {
    BatchScanner scanner(disk, *file, 0, *size);
    while (scanner.next()) end.offset = scanner.header().next_offset();
    error = scanner.error();
    end.position = scanner.position();
    end.is_whole = end.position == *size;
  }
  disk.close(*file);
  if (!size) return disk_failure(size.error());
  if (error && *error != StorageError::corrupt) return failure(*error);
  return end;
}

}  // namespace

// `cleaned`, whose files are complete, takes the place of the segments with these bases, the first
// of which is its own.
Result<void, StorageError> Log::replace_segments(const std::vector<Offset>& bases,
                                                 LogSegment&& cleaned) {
  if (auto renamed = cleaned.rename_files(suffix::swap); !renamed) {
    // The disk has failed, and the next start tells by the files that not all were renamed.
    (void)cleaned.remove_files();
    return renamed;
  }
  // From here on a crash has the next start finish what is left of this.
  std::vector<LogSegment> old;
  for (const Offset base : bases) old.push_back(std::move(segments_.extract(base).mapped()));
  const Offset base = cleaned.base();
  LogSegment& in_place = segments_.emplace(base, std::move(cleaned)).first->second;
  for (LogSegment& segment : old) {
    if (auto removed = segment.remove_files(); !removed) return removed;
    if (segment.base() == base) continue;
    const std::string snapshot = offset_file_name(segment.base(), suffix::producer_snapshot);
    if (auto removed = remove_file(*disk_, path(snapshot)); !removed) return removed;
  }
  return in_place.rename_files("");
}

Result<void, StorageError> Log::finish_swaps() {
  const auto names = disk_->list(folder_);
  if (!names) return disk_failure(names.error());
  Offset first_cleaned = last_offset_possible;
  for (const std::string& name : *names) {
    if (const auto base = offset_before(name, suffix::cleaned))
      first_cleaned = std::min(first_cleaned, *base);
  }
  std::vector<std::string> swaps;
  std::vector<std::string> others;
  for (const std::string& name : *names) {
    const auto base = offset_before(name, suffix::swap);
    if (!base) {
      others.push_back(name);
    } else if (*base < first_cleaned) {
      swaps.push_back(name);
    } else if (auto gone = remove_file(*disk_, path(name)); !gone) {
      // Not all of its segment's files had been renamed.
      return gone;
    }
  }
  // Last, since they are what tells such a swap from a whole one.
  for (const std::string& name : others) {
    if (!offset_before(name, suffix::cleaned)) continue;
    if (auto gone = remove_file(*disk_, path(name)); !gone) return gone;
  }
  if (swaps.empty()) return {};

  Offset begin = last_offset_possible;
  Offset end = no_offset;
  for (const std::string& name : swaps) {
    const auto plain = std::string_view(name).substr(0, name.size() - suffix::swap.size());
    const auto base = parse_offset_file_name(plain, suffix::log);
    if (!base) continue;
    const auto end_of_swap = end_of(*disk_, path(name), *base);
    if (!end_of_swap) return failure(end_of_swap.error());
    if (!end_of_swap->is_whole) {
      // What it was made of may be all that there is.
      if (report_ != nullptr) {
        report_->refusal = fmt::format("{} is corrupt at byte {}, although it was whole once",
                                       path(name), end_of_swap->position);
      }
      return failure(StorageError::corrupt);
    }
    begin = std::min(begin, *base);
    end = std::max(end, end_of_swap->offset);
  }
  for (const std::string& name : others) {
    const auto offset = leading_offset(name);
    if (!offset || *offset < begin || *offset >= end) continue;
    if (auto gone = remove_file(*disk_, path(name)); !gone) return gone;
  }
  for (const std::string& name : swaps) {
    const std::string plain = name.substr(0, name.size() - suffix::swap.size());
    if (auto renamed = disk_->rename(path(name), path(plain)); !renamed)
      return disk_failure(renamed.error());
  }
  return {};
}

}  // namespace ottla::storage
