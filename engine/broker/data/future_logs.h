// Replicas on their way to another log directory (KIP-113): beside the log that serves, a future
// log follows it in the directory that the replica is to have, in a folder of its own. When the two
// are equal the controller is asked, and with its consent the future log takes the other's place
// (Kafka's ReplicaAlterLogDirsThread).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/broker/broker_config.h"
#include "engine/broker/data/replica.h"
#include "engine/env/node.h"
#include "engine/metadata/image.h"

namespace ottla::broker {

class FutureLogs {
 public:
  using Done = Result<void, storage::StorageError>;

  struct Future {
    Replica& replica;
    LogDirectory& directory;
    storage::Log log;
    enum class Consent : std::uint8_t { not_asked, asked, given } consent = Consent::not_asked;
    std::optional<Instant> next;  // When to copy on; nothing while there is nothing to copy.
  };

  // All outlive this.
  FutureLogs(Env& env, const BrokerConfig& config, const metadata::Image& image)
      : env_(env), config_(config), image_(image) {}

  // "orders-0.<32 digits>-future", with digits drawn at random.
  [[nodiscard]] std::string new_folder(const storage::TopicPartition& of);
  // The partition of such a folder; nothing for another.
  [[nodiscard]] static std::optional<storage::TopicPartition> parse_folder(std::string_view name);

  // Begins, or goes on, in a folder of `directory`, which is not the replica's own.
  [[nodiscard]] Done begin(Replica& replica, LogDirectory& directory, const std::string& folder);

  [[nodiscard]] const Future* find(const PartitionKey& key) const;
  [[nodiscard]] const std::map<PartitionKey, Future>& all() const { return futures_; }
  // Ends it; its files are removed, or left where they are.
  enum class Files : std::uint8_t { removed, left };
  void end(const PartitionKey& key, Files files);
  // The future log, closed in an orderly way and no longer one of these; its folder's name.
  [[nodiscard]] Result<std::string, storage::StorageError> close(const PartitionKey& key);

  // The replica has more to copy, or less.
  void woken(const PartitionKey& key);
  // What it holds beyond its replica's end, or apart from it, is cut off.
  void truncated(const PartitionKey& key);

  [[nodiscard]] std::optional<Instant> next_deadline() const;
  // Copies what is due. Returns those that are equal to their replicas: the controller is to be
  // asked about them, or else has given its consent.
  [[nodiscard]] std::vector<PartitionKey> on_time();
  void set_consent(const PartitionKey& key, Future::Consent consent);

 private:
  [[nodiscard]] Done copy_some(Future& future);
  [[nodiscard]] Done cut_off(Future& future);
  [[nodiscard]] Duration time_of(std::uint64_t bytes) const;

  Env& env_;
  const BrokerConfig& config_;
  const metadata::Image& image_;
  std::map<PartitionKey, Future> futures_;
};

}  // namespace ottla::broker
