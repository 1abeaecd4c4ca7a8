// A node's log directories, together: which there are, which of them work, and where a partition's
// log lies or is to lie (KIP-112).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/ids.h"
#include "engine/broker/data/log_directory.h"
#include "engine/env/node.h"

namespace ottla::broker {

class LogDirectories {
 public:
  // The disk and the probe outlive this.
  LogDirectories(Disk& node_disk, probe::Probe& probe, const metadata::ConfigValues& settings);

  struct Owner {
    std::string cluster_id;
    BrokerId node;
    std::optional<Uuid> metadata_id = {};  // Of a new metadata directory; else it is drawn as well.
  };
  // Makes them a node's: meta.properties of each is read and compared; where none has one, as on
  // a new node, each gets one with an id drawn from `random`. A directory whose own cannot be read
  // or understood is offline. The error, a sentence of Kafka's, is one that the node cannot start
  // with.
  [[nodiscard]] Result<void, std::string> claim(Random& random, const Owner& owner);
  // Takes the clean shutdown markers. Returns the broker epoch under which the process before
  // stopped; no_broker_epoch unless every directory works and says the same.
  [[nodiscard]] Result<BrokerEpoch, storage::StorageError> take_clean_shutdowns();

  // Those of log.dirs, in their order.
  [[nodiscard]] const std::vector<LogDirectory*>& all() const { return logs_; }
  // The one with the metadata log; it need not be one of those.
  [[nodiscard]] LogDirectory& metadata() const { return *metadata_; }
  [[nodiscard]] LogDirectory* find(std::string_view path) const;
  // Null for one that is offline, too.
  [[nodiscard]] LogDirectory* online(const Uuid& id) const;
  [[nodiscard]] std::vector<LogDirectory*> online() const;
  // Or has failed and is about to be.
  [[nodiscard]] bool has_offline() const;
  // Ids of those that were online when the node started, in the order of Kafka's Uuid.compareTo.
  [[nodiscard]] const std::vector<Uuid>& claimed_ids() const { return claimed_ids_; }
  // "/data/1, /data/2"
  [[nodiscard]] std::string paths() const;

  void note_synced(DiskOperationId operation, const DiskResult<void>& result);
  // A directory that has failed since the last call, now offline; null when there is none.
  [[nodiscard]] LogDirectory* take_failed();

 private:
  using Done = Result<void, std::string>;
  struct Found;
  [[nodiscard]] Done read_properties(std::vector<Found>& found);
  [[nodiscard]] Done verify(const std::vector<Found>& found, const Owner& owner) const;
  [[nodiscard]] Done verify_metadata_place() const;
  [[nodiscard]] Done settle_ids(std::vector<Found>& found, Random& random, const Owner& owner);

  // Constant after construction.
  probe::Probe& probe_;
  std::vector<std::unique_ptr<LogDirectory>> owned_;  // metadata.log.dir too, if it is no log.dir.
  std::vector<LogDirectory*> logs_;
  LogDirectory* metadata_ = nullptr;
  bool has_duplicates_ = false;

  std::vector<Uuid> claimed_ids_;
};

}  // namespace ottla::broker
