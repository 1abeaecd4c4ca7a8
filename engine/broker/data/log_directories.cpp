#include "engine/broker/data/log_directories.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engine/metadata/directory_id.h"

namespace ottla::broker {

using storage::MetaProperties;

// A directory that could be read, and its meta.properties where it has one.
struct LogDirectories::Found {
  LogDirectory* directory;
  std::optional<MetaProperties> properties;
};

namespace {

std::string properties_path(const LogDirectory& directory) {
  return fmt::format("{}/{}", directory.path(), storage::meta_properties_name);
}

Uuid new_directory_id(Random& random) {
  const std::uint64_t high = random.next();
  return Uuid::version4(high, random.next());
}

}  // namespace

LogDirectories::LogDirectories(Disk& node_disk, probe::Probe& probe,
                               const metadata::ConfigValues& settings)
    : probe_(probe) {
  const LogDirPlaces places = log_dir_places(settings);
  const auto add = [&](const LogDirPlace& place) {
    owned_.push_back(std::make_unique<LogDirectory>(node_disk, probe, place));
    return owned_.back().get();
  };
  std::map<std::string, LogDirectory*> by_folder;
  for (const LogDirPlace& place : places.logs) {
    LogDirectory*& directory = by_folder[place.folder];
    has_duplicates_ = has_duplicates_ || directory != nullptr;
    if (directory == nullptr) logs_.push_back(directory = add(place));
  }
  LogDirectory*& directory = by_folder[places.metadata.folder];
  if (directory == nullptr) directory = add(places.metadata);
  metadata_ = directory;
}

LogDirectories::Done LogDirectories::claim(Random& random, const Owner& owner) {
  if (has_duplicates_)
    return ottla::failure(fmt::format("Duplicate log directory found: {}", paths()));
  std::vector<Found> found;
  if (auto read = read_properties(found); !read) return read;
  if (auto sound = verify(found, owner); !sound) return sound;
  if (auto sound = verify_metadata_place(); !sound) return sound;
  if (auto settled = settle_ids(found, random, owner); !settled) return settled;
  for (const LogDirectory* directory : logs_) {
    if (directory->is_online()) claimed_ids_.push_back(directory->id());
  }
  claimed_ids_ = metadata::sorted_directories(std::move(claimed_ids_));
  return {};
}

LogDirectories::Done LogDirectories::read_properties(std::vector<Found>& found) {
  for (const auto& directory : owned_) {
    auto properties = storage::read_meta_properties(directory->disk());
    if (properties) {
      found.push_back({directory.get(), *std::move(properties)});
      continue;
    }
    const std::string why = fmt::format("Error while reading meta.properties file {}: {}",
                                        properties_path(*directory), properties.error());
    probe_.tell(probe::Noted{probe::Noted::Level::error, why});
    directory->give_up(why);
    directory->go_offline();
  }
  if (found.empty()) return ottla::failure(std::string("No readable meta.properties files found."));
  if (metadata_->is_online()) return {};
  return ottla::failure(fmt::format(
      "Encountered I/O error in metadata log directory {}. Cannot continue.", metadata_->path()));
}

// MetaPropertiesEnsemble.verify.
LogDirectories::Done LogDirectories::verify(const std::vector<Found>& found,
                                            const Owner& owner) const {
  std::map<Uuid, const LogDirectory*> seen;
  for (const auto& [directory, properties] : found) {
    if (!properties) continue;
    if (properties->cluster_id != owner.cluster_id) {
      return ottla::failure(fmt::format("Invalid cluster.id in: {}. Expected {}, but read {}",
                                        properties_path(*directory), owner.cluster_id,
                                        properties->cluster_id));
    }
    if (properties->node_id != owner.node) {
      return ottla::failure(fmt::format(
          "Stored node id {} doesn't match previous node id {} in {}. If you moved your data, make "
          "sure your configured node id matches. If you intend to create a new node, you should "
          "remove all data in your data directories.",
          properties->node_id.value(), owner.node.value(), properties_path(*directory)));
    }
    const Uuid& id = properties->directory_id;
    if (id.is_zero()) continue;
    if (metadata::is_reserved_directory(id)) {
      return ottla::failure(fmt::format("Invalid reserved directory ID {} found in {}",
                                        id.to_string(), directory->path()));
    }
    const auto [before, is_new] = seen.emplace(id, directory);
    if (is_new) continue;
    return ottla::failure(fmt::format(
        "Duplicate directory ID Optional[{}] found. It was the ID of {}, but also of {}",
        id.to_string(), before->second->path(), directory->path()));
  }
  return {};
}

// A metadata log elsewhere is that of a node that was configured otherwise.
LogDirectories::Done LogDirectories::verify_metadata_place() const {
  const std::string folder =
      storage::folder_name({std::string(storage::cluster_metadata_topic), PartitionIndex{0}});
  for (LogDirectory* directory : logs_) {
    if (directory == metadata_ || !directory->is_online()) continue;
    const auto names = directory->disk().list(folder);
    if (!names || names->empty()) continue;
    return ottla::failure(
        fmt::format("Found unexpected metadata location in data directory `{}/{}` (the configured "
                    "metadata directory is {}).",
                    directory->path(), folder, metadata_->path()));
  }
  return {};
}

// Kafka has a program that formats directories; here a new node formats its own. A directory that
// came later is refused as Kafka refuses it: what it should hold may lie elsewhere.
LogDirectories::Done LogDirectories::settle_ids(std::vector<Found>& found, Random& random,
                                                const Owner& owner) {
  const bool is_new = std::none_of(found.begin(), found.end(),
                                   [](const Found& each) { return each.properties.has_value(); });
  for (auto& [directory, properties] : found) {
    if (!properties && !is_new) {
      return ottla::failure(
          fmt::format("No `meta.properties` found in {} (have you run `kafka-storage.sh` to format "
                      "the directory?)",
                      directory->path()));
    }
    if (properties && !properties->directory_id.is_zero()) {
      directory->adopt(properties->directory_id, false);
      continue;
    }
    const bool is_given = directory == metadata_ && owner.metadata_id;
    const Uuid id = is_given ? *owner.metadata_id : new_directory_id(random);
    directory->adopt(id, false);
    const auto written =
        storage::write_meta_properties(directory->disk(), {owner.cluster_id, owner.node, id});
    if (written) continue;
    directory->go_offline();
    if (directory == metadata_) {
      return ottla::failure(fmt::format("{} cannot be written: {}", properties_path(*directory),
                                        storage::message(written.error())));
    }
  }
  return {};
}

Result<BrokerEpoch, storage::StorageError> LogDirectories::take_clean_shutdowns() {
  std::optional<BrokerEpoch> agreed;
  bool all_agree = true;
  for (LogDirectory* directory : logs_) {
    if (!directory->is_online()) {
      all_agree = false;
      continue;
    }
    const auto marker = storage::take_clean_shutdown(directory->disk());
    if (!marker && owned_.size() == 1) return ottla::failure(marker.error());
    const bool is_clean = marker && marker->has_value();
    directory->adopt(directory->id(), is_clean);
    const BrokerEpoch epoch = is_clean ? (*marker)->broker_epoch : no_broker_epoch;
    all_agree = all_agree && is_clean && epoch == agreed.value_or(epoch);
    agreed = epoch;
  }
  return all_agree ? agreed.value_or(no_broker_epoch) : no_broker_epoch;
}

LogDirectory* LogDirectories::find(std::string_view path) const {
  const auto at = std::find_if(logs_.begin(), logs_.end(),
                               [&](const LogDirectory* each) { return each->path() == path; });
  return at == logs_.end() ? nullptr : *at;
}

LogDirectory* LogDirectories::online(const Uuid& id) const {
  const auto at = std::find_if(logs_.begin(), logs_.end(), [&](const LogDirectory* each) {
    return each->is_online() && each->id() == id;
  });
  return at == logs_.end() ? nullptr : *at;
}

std::vector<LogDirectory*> LogDirectories::online() const {
  std::vector<LogDirectory*> working;
  std::copy_if(logs_.begin(), logs_.end(), std::back_inserter(working),
               [](const LogDirectory* each) { return each->is_online(); });
  return working;
}

bool LogDirectories::has_offline() const {
  return std::any_of(logs_.begin(), logs_.end(), [](const LogDirectory* each) {
    return !each->is_online() || each->failure();
  });
}

std::string LogDirectories::paths() const {
  std::string text;
  for (const LogDirectory* each : logs_) text += (text.empty() ? "" : ", ") + each->path();
  return text;
}

void LogDirectories::note_synced(DiskOperationId operation, const DiskResult<void>& result) {
  for (const auto& directory : owned_) {
    if (directory->note_synced(operation, result)) return;
  }
}

LogDirectory* LogDirectories::take_failed() {
  for (const auto& directory : owned_) {
    if (!directory->is_online() || !directory->failure()) continue;
    directory->go_offline();
    return directory.get();
  }
  return nullptr;
}

}  // namespace ottla::broker
