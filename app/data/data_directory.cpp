#include "app/data/data_directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <optional>
#include <utility>

#include "engine/env/folder_disk.h"
#include "engine/env/posix_disk.h"
#include "engine/storage/broker_files.h"

namespace ottla::data {
namespace {

// For disks that are only looked at.
struct NoSyncs final : SyncScheduler {
  void schedule_sync_done(DiskOperationId, DiskResult<void>) override {}
};

// What a node sees of a folder that cannot be opened.
class BrokenDisk final : public Disk {
 public:
  explicit BrokenDisk(SyncScheduler& scheduler) : scheduler_(scheduler) {}

  DiskResult<FileId> open(std::string_view, Open) override { return broken(); }
  void close(FileId) override {}
  DiskResult<std::uint64_t> size(FileId) override { return broken(); }
  DiskResult<void> append(FileId, const ByteChain&) override { return broken(); }
  DiskResult<ByteChain> read(FileId, std::uint64_t, std::size_t) override { return broken(); }
  DiskResult<void> truncate(FileId, std::uint64_t) override { return broken(); }
  void sync(FileId, DiskOperationId operation) override {
    scheduler_.schedule_sync_done(operation, broken());
  }
  DiskResult<void> rename(std::string_view, std::string_view) override { return broken(); }
  DiskResult<void> remove(std::string_view) override { return broken(); }
  DiskResult<void> remove_folder(std::string_view) override { return broken(); }
  DiskResult<std::vector<std::string>> list(std::string_view) override { return broken(); }
  DiskResult<DiskVolume> volume(std::string_view) override { return broken(); }

 private:
  static tl::unexpected<DiskError> broken() { return failure(DiskError::input_output); }
  SyncScheduler& scheduler_;
};

std::string as_sentence(std::string text) {
  if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

// The node of a folder's name as it is listed, "node-3/"; nothing for another's.
std::optional<BrokerId> node_of(std::string_view name) {
  constexpr std::string_view prefix = "node-";
  if (name.substr(0, prefix.size()) != prefix || name.back() != '/') return std::nullopt;
  std::int32_t id = 0;
  const char* end = name.data() + name.size() - 1;
  const auto read = std::from_chars(name.data() + prefix.size(), end, id);
  return read.ec == std::errc() && read.ptr == end ? std::optional(BrokerId{id}) : std::nullopt;
}

bool has(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

Result<std::unique_ptr<DataDirectory>, std::string> DataDirectory::open(
    const std::string& root, const std::vector<BrokerId>& nodes, const std::string& wanted_cluster,
    std::vector<std::string> log_folders) {
  // A file that grows past the process's limit is an error of that write, not the process's end.
  std::signal(SIGXFSZ, SIG_IGN);
  std::unique_ptr<DataDirectory> directory(new DataDirectory(root, std::make_unique<NoSyncs>()));
  directory->log_folders_ = std::move(log_folders);
  auto hold = PosixDisk::open_folder(root, *directory->no_syncs_);
  if (!hold) return failure(as_sentence(hold.error()));
  directory->hold_ = std::move(*hold);
  const auto names = directory->hold_->list("");
  if (names && has(*names, "meta.properties")) {
    return failure(fmt::format(
        "{} is the data folder of one Kafka broker, not of an Ottla cluster. Name another folder "
        "with --data-dir",
        root));
  }
  directory->cluster_id_ = wanted_cluster;
  for (const BrokerId node : nodes) {
    if (auto checked = directory->check_node(node); !checked) return failure(checked.error());
  }
  for (const std::string& name : names.value_or(std::vector<std::string>())) {
    const std::optional<BrokerId> node = node_of(name);
    if (!node || std::find(nodes.begin(), nodes.end(), *node) != nodes.end()) continue;
    if (directory->holds(*node)) directory->left_out_.push_back(*node);
  }
  std::sort(directory->left_out_.begin(), directory->left_out_.end());
  return directory;
}

bool DataDirectory::holds(BrokerId node) const {
  const auto disk = PosixDisk::open_folder(folder_of(std::to_string(node.value())), *no_syncs_);
  if (!disk) return false;
  return std::any_of(log_folders_.begin(), log_folders_.end(), [&](const std::string& folder) {
    FolderDisk directory(**disk, folder);
    const auto found = storage::read_meta_properties(directory);
    return found && *found && (*found)->node_id == node && (*found)->cluster_id == cluster_id_;
  });
}

Result<void, std::string> DataDirectory::check_node(BrokerId node) {
  const std::string folder = folder_of(std::to_string(node.value()));
  auto disk = PosixDisk::open_folder(folder, *no_syncs_);
  if (!disk) return failure(as_sentence(disk.error()));
  for (const std::string& log_folder : log_folders_) {
    FolderDisk directory(**disk, log_folder);
    const std::string shown =
        log_folder.empty() ? folder : fmt::format("{}/{}", folder, log_folder);
    if (auto checked = check_folder(directory, shown, node); !checked) return checked;
  }
  return {};
}

// Of several directories one that cannot be read is a broken one: the others go on.
Result<void, std::string> DataDirectory::check_folder(Disk& disk, const std::string& folder,
                                                      BrokerId node) {
  const auto found = storage::read_meta_properties(disk);
  if (!found && log_folders_.size() > 1) return {};
  if (!found) {
    return failure(
        fmt::format("{}/{} cannot be read or does not name a cluster and a node, so it is not "
                    "known whose data this is. Name another folder with --data-dir",
                    folder, storage::meta_properties_name));
  }
  const std::optional<storage::MetaProperties>& properties = *found;
  if (!properties) return {};
  if (properties->node_id != node) {
    return failure(
        fmt::format("{} holds the data of node {}, not of node {}. Name another folder "
                    "with --data-dir",
                    folder, properties->node_id.value(), node.value()));
  }
  if (!cluster_id_.empty() && properties->cluster_id != cluster_id_) {
    return failure(
        fmt::format("{} holds the data of cluster {}, not of cluster {}. Name another "
                    "folder with --data-dir",
                    folder, properties->cluster_id, cluster_id_));
  }
  cluster_id_ = properties->cluster_id;
  return {};
}

std::unique_ptr<Disk> DataDirectory::disk_of(const std::string& process,
                                             SyncScheduler& scheduler) const {
  auto disk = PosixDisk::open_folder(folder_of(process), scheduler);
  if (disk) return std::move(*disk);
  fmt::print(stderr, "ottla: {}: {}.\n", process, disk.error());
  return std::make_unique<BrokenDisk>(scheduler);
}

}  // namespace ottla::data
