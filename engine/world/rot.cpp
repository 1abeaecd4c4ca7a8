#include "engine/world/rot.h"

#include <algorithm>
#include <array>

#include "engine/base/byte_reader.h"
#include "engine/protocol/records/batch_header.h"
#include "engine/storage/broker_files.h"
#include "engine/storage/partition_folder.h"

namespace ottla::world {
namespace {

namespace suffix = storage::suffix;

// "disk1/orders-0" of "disk1/orders-0/00000000000000000000.log".
std::string_view folder_of(std::string_view path) {
  return path.substr(0, std::min(path.rfind('/'), path.size()));
}

bool is_of_metadata(std::string_view path) {
  const std::string_view folder = folder_of(path);
  const std::size_t slash = folder.rfind('/');
  const auto partition = storage::parse_folder_name(
      slash == std::string_view::npos ? folder : folder.substr(slash + 1));
  return partition && partition->topic == storage::cluster_metadata_topic;
}

bool ends_with_one_of(std::string_view path, std::initializer_list<std::string_view> endings) {
  return std::ranges::any_of(endings,
                             [path](std::string_view ending) { return path.ends_with(ending); });
}

bool is_of_kind(RotIn where, std::string_view path) {
  switch (where) {
    case RotIn::any_file: return true;
    case RotIn::index: return ends_with_one_of(path, {suffix::offset_index, suffix::time_index});
    case RotIn::producer_snapshot: return path.ends_with(suffix::producer_snapshot);
    case RotIn::log_end: return path.ends_with(suffix::log) && !is_of_metadata(path);
    case RotIn::metadata_log: return path.ends_with(suffix::log) && is_of_metadata(path);
  }
  return false;
}

std::vector<std::string> files_to_rot(RotIn where, std::string_view prefix,
                                      const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    if (!path.starts_with(prefix) || !is_of_kind(where, path)) continue;
    const bool same_folder = !files.empty() && folder_of(files.back()) == folder_of(path);
    if (where == RotIn::log_end && same_folder) files.pop_back();
    files.push_back(path);
  }
  return files;
}

// Whether the log directory of a partition's file was left with a clean shutdown: its batches are
// not checked at the next start.
bool is_vouched_for(std::string_view path, const MemoryFileSystem& files) {
  const std::string_view partition = folder_of(path);
  const std::size_t slash = partition.rfind('/');
  const std::string directory(partition.substr(0, slash == std::string_view::npos ? 0 : slash + 1));
  return files.find(directory + std::string(storage::clean_shutdown_name)) != nullptr;
}

// Of every batch that the file holds as a whole, as far as one follows the other.
void add_checksummed(const std::string& path, const MemoryFile& file,
                     std::vector<FileRange>& places) {
  using protocol::BatchHeader;
  std::uint64_t at = 0;
  while (at + BatchHeader::encoded_size <= file.size()) {
    ByteReader reader(file.read(at, BatchHeader::length_prefix_size));
    (void)reader.read_int64();
    const std::int32_t length = reader.read_int32();
    if (length <= 0) return;
    const std::uint64_t end =
        at + BatchHeader::length_prefix_size + static_cast<std::uint64_t>(length);
    if (end > file.size()) return;
    places.push_back({path, at + BatchHeader::crc_begin, end});
    at = end;
  }
}

}  // namespace

std::vector<FileRange> places_to_rot(RotIn where, std::string_view prefix,
                                     const MemoryFileSystem& files) {
  const bool batches = where == RotIn::log_end || where == RotIn::metadata_log;
  std::vector<FileRange> places;
  for (const std::string& path : files_to_rot(where, prefix, files.paths())) {
    const auto file = files.find(path);
    if (where == RotIn::log_end && is_vouched_for(path, files)) continue;
    if (batches) {
      add_checksummed(path, *file, places);
    } else {
      places.push_back({path, 0, file->size()});
    }
  }
  return places;
}

std::string_view describe(RotIn where) {
  switch (where) {
    case RotIn::any_file: return "a file";
    case RotIn::index: return "an index file";
    case RotIn::producer_snapshot: return "a snapshot of producers";
    case RotIn::log_end: return "the last segment of a log";
    case RotIn::metadata_log: return "the metadata log";
  }
  return {};
}

}  // namespace ottla::world
