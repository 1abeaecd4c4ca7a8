// The index files of a LogSegment: written, read and built from the batches.
#include <limits>
#include <utility>

#include "engine/storage/batch_scanner.h"
#include "engine/storage/log_segment.h"
#include "engine/storage/partition_folder.h"

namespace ottla::storage {
namespace {

constexpr std::string_view all_files[] = {suffix::log, suffix::offset_index, suffix::time_index,
                                          suffix::transaction_index};

// The last offset that an index of a segment can name.
Offset last_relative_to(Offset base) {
  return base.plus(std::numeric_limits<std::int32_t>::max());
}

// A file's content; empty where the file is not there.
Result<std::optional<Bytes>, StorageError> content_of(Disk& disk, const std::string& path) {
  auto content = read_file(disk, path);
  if (content) return std::optional(std::move(*content));
  if (content.error() == DiskError::not_found) return std::optional<Bytes>();
  return disk_failure(content.error());
}

}  // namespace

Result<void, StorageError> LogSegment::cut_index(std::string_view suffix, std::uint64_t size) {
  const auto file = disk_->open(path(suffix), Disk::Open::existing);
  if (!file) return disk_failure(file.error());
  const auto cut = disk_->truncate(*file, size);
  disk_->close(*file);
  if (!cut) return disk_failure(cut.error());
  return {};
}

Result<void, StorageError> LogSegment::write_index(std::string_view suffix, const Bytes& content,
                                                   std::uint64_t size_before) {
  const auto file = disk_->open(path(suffix), Disk::Open::create_or_existing);
  if (!file) return disk_failure(file.error());
  auto written = DiskResult<void>();
  const auto size = disk_->size(*file);
  if (!size) written = failure(size.error());
  // What another process left behind the entries that count is not kept.
  if (written && *size != size_before) written = disk_->truncate(*file, size_before);
  if (written && !content.empty()) written = disk_->append(*file, content);
  disk_->close(*file);
  if (!written) return disk_failure(written.error());
  return {};
}

Result<void, StorageError> LogSegment::write_indexes(bool final) {
  if (final) times_.append_if_later(latest_.timestamp, latest_.offset);
  if (offsets_.size() < written_.offsets) {
    if (auto cut = cut_index(suffix::offset_index, offsets_.size() * OffsetIndex::entry_size);
        !cut) {
      return cut;
    }
    written_.offsets = offsets_.size();
  }
  if (times_.size() < written_.times) {
    if (auto cut = cut_index(suffix::time_index, times_.size() * TimeIndex::entry_size); !cut)
      return cut;
    written_.times = times_.size();
  }
  if (aborted_.size() < written_.aborted) {
    const std::uint64_t size = aborted_.size() * AbortedTransactions::entry_size;
    if (auto cut = cut_index(suffix::transaction_index, size); !cut) return cut;
    written_.aborted = aborted_.size();
  }
  if (offsets_.size() > written_.offsets) {
    if (auto done = write_index(suffix::offset_index, offsets_.encode(written_.offsets),
                                written_.offsets * OffsetIndex::entry_size);
        !done) {
      return done;
    }
    written_.offsets = offsets_.size();
  }
  if (times_.size() > written_.times) {
    if (auto done = write_index(suffix::time_index, times_.encode(written_.times),
                                written_.times * TimeIndex::entry_size);
        !done) {
      return done;
    }
    written_.times = times_.size();
  }
  if (aborted_.size() > written_.aborted) {
    if (auto done = write_index(suffix::transaction_index, aborted_.encode(written_.aborted),
                                written_.aborted * AbortedTransactions::entry_size);
        !done) {
      return done;
    }
    written_.aborted = aborted_.size();
  }
  return {};
}

Result<bool, StorageError> LogSegment::load_indexes(Offset end) {
  const auto offsets = content_of(*disk_, path(suffix::offset_index));
  const auto times = offsets ? content_of(*disk_, path(suffix::time_index)) : offsets;
  const auto aborted = times ? content_of(*disk_, path(suffix::transaction_index)) : times;
  if (!aborted) return failure(aborted.error());
  if (!*offsets || !*times) return false;
  auto parsed_offsets = OffsetIndex::parse(base_, **offsets, size_);
  auto parsed_times = TimeIndex::parse(base_, **times);
  auto parsed_aborted = AbortedTransactions::parse(aborted->value_or(Bytes()));
  if (!parsed_offsets || !parsed_times || !parsed_aborted) return false;
  offsets_ = std::move(*parsed_offsets);
  times_ = std::move(*parsed_times);
  aborted_ = std::move(*parsed_aborted);
  written_ = {offsets_.size(), times_.size(), aborted_.size()};
  loaded_ = true;
  if (!indexes_end_below(end)) return false;
  return is_borne_out(offsets_.lookup(last_relative_to(base_)));
}

bool LogSegment::indexes_end_below(Offset end) const {
  const auto latest = times_.last();
  return offsets_.lookup(last_relative_to(base_)).offset < end && (!latest || latest->offset < end);
}

// Whether a batch begins where the entry says, and not after its offset.
Result<bool, StorageError> LogSegment::is_borne_out(const OffsetIndex::Entry& entry) {
  if (entry.position == 0) return true;
  BatchScanner scanner(*disk_, log_, entry.position, size_);
  if (scanner.next()) return scanner.header().base_offset <= entry.offset;
  if (scanner.error() && *scanner.error() != StorageError::corrupt)
    return failure(*scanner.error());
  return false;
}

// Where a search for `offset` begins. An index may be damaged so that it still reads as one: an
// entry that no batch bears out is not believed, or records would be passed over.
Result<std::uint64_t, StorageError> LogSegment::scan_start(Offset offset) {
  if (auto ready = ensure_indexes(); !ready) return failure(ready.error());
  const OffsetIndex::Entry entry = offsets_.lookup(offset);
  const auto sound = is_borne_out(entry);
  if (!sound) return failure(sound.error());
  return std::uint64_t{*sound ? entry.position : 0};
}

Result<std::uint64_t, StorageError> LogSegment::size_of_batches() {
  if (auto ready = ensure_indexes(); !ready) return failure(ready.error());
  return batches_end_;
}

// Besides the index files, the batches after the last entry are walked: they may have a later
// timestamp, and the next batch's entry depends on how many bytes they are.
Result<void, StorageError> LogSegment::ensure_indexes() {
  if (indexed_) return {};
  if (!loaded_) {
    const auto loaded = load_indexes(Offset{std::numeric_limits<std::int64_t>::max()});
    if (!loaded) return failure(loaded.error());
    if (!*loaded) return failure(StorageError::corrupt);
  }
  indexed_ = true;
  recent_.clear();
  latest_ = {};
  if (const auto last = times_.last()) latest_ = {last->timestamp, last->offset};
  const std::uint64_t begin = offsets_.lookup(last_relative_to(base_)).position;
  BatchScanner scanner(*disk_, log_, begin, size_);
  while (scanner.next()) {
    const protocol::BatchHeader& header = scanner.header();
    if (scanner.position() == 0) first_timestamp_ = header.max_timestamp;
    if (header.max_timestamp > latest_.timestamp)
      latest_ = {header.max_timestamp, header.last_offset()};
    recent_.push_back({header.base_offset, header.last_offset_delta,
                       static_cast<std::uint32_t>(scanner.position())});
  }
  if (scanner.error()) {
    indexed_ = false;
    return failure(*scanner.error());
  }
  bytes_since_entry_ = scanner.position() - begin;
  batches_end_ = scanner.position();
  return {};
}

Result<void, StorageError> LogSegment::begin_rebuild() {
  offsets_.clear();
  times_.clear();
  aborted_.clear();
  written_ = {};
  latest_ = {};
  bytes_since_entry_ = 0;
  batches_end_ = 0;
  first_timestamp_.reset();
  recent_.clear();
  // Two of them are there for every segment, if only empty, as Kafka's tools expect; the third is
  // where transactions were aborted.
  for (const std::string_view index : {suffix::offset_index, suffix::time_index}) {
    if (auto emptied = write_index(index, Bytes(), 0); !emptied) return emptied;
  }
  const auto gone = disk_->remove(path(suffix::transaction_index));
  if (!gone && gone.error() != DiskError::not_found) return disk_failure(gone.error());
  loaded_ = true;
  indexed_ = true;
  return {};
}

void LogSegment::index_batch(const protocol::BatchHeader& header, std::uint64_t position,
                             const LogConfig& config) {
  note_batch(header, position, config);
}

Result<void, StorageError> LogSegment::finish_rebuild(std::uint64_t valid_size) {
  if (valid_size < size_) {
    if (auto cut = disk_->truncate(log_, valid_size); !cut) return disk_failure(cut.error());
    size_ = valid_size;
  }
  return write_indexes(false);
}

Result<LogSegment::IndexSizes, StorageError> LogSegment::index_sizes() {
  if (auto ready = ensure_indexes(); !ready) return failure(ready.error());
  return IndexSizes{offsets_.size() * OffsetIndex::entry_size,
                    times_.size() * TimeIndex::entry_size};
}

Result<void, StorageError> LogSegment::rename_files(std::string_view ending) {
  const std::string before = std::exchange(ending_, std::string(ending));
  for (const std::string_view of : all_files) {
    const std::string from = folder_ + "/" + offset_file_name(base_, of) + before;
    const auto renamed = disk_->rename(from, path(of));
    // There is a transaction index only where there are aborted transactions.
    if (renamed || renamed.error() == DiskError::not_found) continue;
    ending_ = before;
    return disk_failure(renamed.error());
  }
  return {};
}

Result<void, StorageError> LogSegment::remove_files() {
  // The log goes first: indexes without one are swept away as the log is opened next.
  disk_->close(log_);
  open_ = false;
  for (const std::string_view of : all_files) {
    const auto gone = disk_->remove(path(of));
    if (!gone && gone.error() != DiskError::not_found) return disk_failure(gone.error());
  }
  return {};
}

std::vector<std::string> LogSegment::paths_to_sync(bool with_indexes) const {
  std::vector<std::string> paths;
  if (with_indexes) {
    paths.push_back(path(suffix::offset_index));
    paths.push_back(path(suffix::time_index));
  }
  if (written_.aborted > 0) paths.push_back(path(suffix::transaction_index));
  paths.push_back(path(suffix::log));
  return paths;
}

}  // namespace ottla::storage
