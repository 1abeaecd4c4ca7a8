// All partitions on one broker: opened from its disk, created, led, followed and deleted as the
// metadata log says; in-sync proposals, high watermark checkpoints and retention by their
// intervals.
//
// It acts on logs and states at once and keeps a list of partitions with news, which the broker
// works off at the end of each event.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/broker/broker_config.h"
#include "engine/broker/data/cleaner_schedule.h"
#include "engine/broker/data/future_logs.h"
#include "engine/broker/data/log_directories.h"
#include "engine/broker/data/log_flusher.h"
#include "engine/broker/data/replica.h"
#include "engine/env/node.h"
#include "engine/metadata/image.h"
#include "engine/storage/broker_files.h"

namespace ottla::broker {

class Replicas : private replication::Eligibility {
 public:
  // `image` is the broker's; it and the directories outlive this.
  Replicas(Env& env, const BrokerConfig& config, const metadata::Image& image,
           LogDirectories& directories);

  // Reads the checkpoints; logs are opened as the metadata log names them.
  void load();
  // Renames the folders of partitions that this broker has no part in any more: topics that were
  // deleted, or moved away, while it was down (Kafka's stray logs).
  void move_strays_aside();
  // For a clean shutdown: begins to make all logs durable. Nothing may be appended any more.
  void begin_close();
  // Once the flusher is idle: writes the checkpoints.
  void finish_close();
  // Node::on_disk: a log's sync has ended.
  void on_disk(DiskOperationId operation, const DiskResult<void>& result);
  [[nodiscard]] const LogFlusher& flusher() const { return flusher_; }
  [[nodiscard]] const CleanerSchedule& cleaner() const { return cleaner_; }

  // What the metadata log changed. Roles begin and end here.
  void apply(const metadata::ImageDelta& delta);
  // The directory has failed: its replicas are gone until the broker starts again, and nothing is
  // done to their files.
  void directory_failed(const LogDirectory& directory);
  // Begins to move a partition to a directory that works (AlterReplicaLogDirs).
  [[nodiscard]] protocol::ErrorCode move_to(const PartitionKey& key, const std::string& topic,
                                            LogDirectory& directory);
  [[nodiscard]] const FutureLogs& futures() const { return futures_; }
  // The controller knows by now that the partition lies, or is to lie, where it was told.
  void directory_accepted(const PartitionKey& key, const Uuid& directory);

  [[nodiscard]] Replica* find(const PartitionKey& key);
  [[nodiscard]] const Replica* find(const PartitionKey& key) const;
  [[nodiscard]] Replica* find(std::string_view topic, PartitionIndex index);
  [[nodiscard]] const std::map<PartitionKey, std::unique_ptr<Replica>>& all() const {
    return replicas_;
  }

  struct Appended {
    Offset first = no_offset;
    Offset last = no_offset;
    std::int64_t append_time_ms = -1;  // -1 with CreateTime.
    bool duplicate = false;  // An idempotent producer's retry: these are the offsets it had.
  };
  struct Refusal {
    protocol::ErrorCode error = protocol::ErrorCode::unknown_server_error;
    std::string message;
    std::vector<protocol::RefusedRecord> records;
  };
  // Appends a producer's batch to a partition that this broker leads; everything that Kafka checks
  // is checked.
  [[nodiscard]] Result<Appended, Refusal> append_produced(Replica& replica,
                                                          const protocol::RecordBatch& batch,
                                                          std::int16_t acks);
  // Appends a batch that a coordinator of this broker wrote.
  [[nodiscard]] Result<Appended, Refusal> append_own(Replica& replica,
                                                     const protocol::RecordBatch& batch);
  // Appends what the leader sent; anything but the next offset is an error.
  [[nodiscard]] Result<void, protocol::ErrorCode> append_fetched(Replica& replica,
                                                                 const ByteChain& records);
  void truncate(Replica& replica, Offset to);
  void truncate_fully(Replica& replica, Offset new_start);
  // A follower drops what its leader has dropped.
  void advance_log_start(Replica& replica, Offset to);
  // A leader drops what is before `offset`, or before its high watermark for -1, as its topic and
  // its high watermark allow. Returns where the log shall begin on all replicas.
  [[nodiscard]] Result<Offset, protocol::ErrorCode> delete_records(Replica& replica, Offset offset);
  // The least log start over the live replicas of a partition that this broker leads.
  [[nodiscard]] Offset low_watermark(const Replica& replica) const;
  // A follower's fetch reached this leader.
  void record_fetch(Replica& replica, BrokerId follower, BrokerEpoch epoch, Offset fetch_offset,
                    Offset log_start);
  void move_high_watermark(Replica& replica, Offset to);

  // Whether there is anything to take with take_moved, take_proposals or take_misplaced.
  [[nodiscard]] bool has_news() const {
    return !moved_.empty() || !proposals_.empty() || !misplaced_.empty();
  }
  // Leaves in `moved` the partitions whose log end or high watermark moved, or whose role changed,
  // since the last call; its memory is used again.
  void take_moved(std::vector<Replica*>& moved);
  // Partitions that came to be led or followed, or went, since the last call.
  struct RoleChange {
    PartitionKey key;
    std::string topic;
    enum class To : std::uint8_t { leader, follower, gone } to;
  };
  [[nodiscard]] std::vector<RoleChange> take_role_changes();
  // Replicas that this broker no longer has, for whoever waits on them to be told. Their files are
  // gone already.
  [[nodiscard]] std::vector<std::unique_ptr<Replica>> take_removed();

  // In-sync sets to propose to the controller, each once.
  [[nodiscard]] std::map<PartitionKey, replication::IsrProposal> take_proposals();
  void proposal_answered(const PartitionKey& key, protocol::ErrorCode error,
                         const std::vector<BrokerId>& isr, PartitionEpoch partition_epoch);

  [[nodiscard]] Instant next_deadline() const;
  void on_time();

  // Where partitions failed to open or write; empty when all is well.
  [[nodiscard]] const std::map<PartitionKey, std::string>& offline() const { return offline_; }
  // What to answer where find() has nothing for a partition of the image.
  [[nodiscard]] protocol::ErrorCode why_absent(const PartitionKey& key) const {
    return offline_.count(key) > 0 ? protocol::ErrorCode::kafka_storage_error
                                   : protocol::ErrorCode::not_leader_or_follower;
  }
  [[nodiscard]] protocol::ErrorCode why_absent(std::string_view topic, PartitionIndex index) const {
    return why_absent(PartitionKey{image_.topic(topic)->id, index});
  }
  // Partitions that lie in another directory than the metadata log says, each once, with the id of
  // the one that they lie in.
  [[nodiscard]] std::map<PartitionKey, Uuid> take_misplaced();
  // Why this broker cannot go on; nothing when it can.
  [[nodiscard]] const std::optional<std::string>& broken() const { return broken_; }

 private:
  // A topic's configs as they are needed for every batch.
  struct TopicRules {
    storage::LogConfig log;
    std::size_t message_bytes_max = 0;
    std::int32_t min_insync = 1;
    std::optional<protocol::Compression> codec;  // Nothing: as the producer chose.
    int codec_level = protocol::default_compression_level;
    std::optional<Duration> timestamp_before_max;
    std::optional<Duration> timestamp_after_max;
  };

  [[nodiscard]] bool may_join_isr(BrokerId broker, BrokerEpoch seen_in_fetch) const override;
  [[nodiscard]] bool is_alive(BrokerId broker) const override;
  [[nodiscard]] Result<protocol::ProducedRecords, Refusal> check_produced(
      Replica& replica, const protocol::RecordBatch& batch);
  // The batch as it is stored: with the timestamp of its records, in the topic's codec.
  [[nodiscard]] Result<protocol::RecordBatch, Refusal> as_stored(const Replica& replica,
                                                                 const protocol::RecordBatch& batch,
                                                                 std::int64_t max_timestamp);
  [[nodiscard]] Result<Appended, Refusal> append(Replica& replica,
                                                 const protocol::RecordBatch& batch,
                                                 storage::AppendOrigin origin);
  void after_append(Replica& replica);
  void after_leader_watermark(Replica& replica);
  void note_moved(Replica& replica);
  void tell_watermark(const Replica& replica, Offset before);
  void tell_truncated(Replica& replica, Offset before);
  void check_laggards();
  enum class LogsOf : std::uint8_t { deleted, compacted };  // By cleanup.policy.
  void enforce_retention(LogsOf kind);

  // replica_assignment.cpp
  [[nodiscard]] const TopicRules& rules_of(const std::string& topic);
  [[nodiscard]] Duration producer_expiration() const;
  [[nodiscard]] storage::LogConfig log_config_of(const std::string& topic) const;
  void refresh_rules(const std::string& topic);
  [[nodiscard]] std::string topic_value(const std::string& topic, std::string_view name) const;
  [[nodiscard]] std::int64_t topic_integer(const std::string& topic, std::string_view name) const;
  void assign(const PartitionKey& key, const std::string& topic,
              const metadata::Partition& partition);
  [[nodiscard]] Replica* open(const PartitionKey& key, const std::string& topic,
                              const metadata::Partition& partition);
  void lead(Replica& replica, const metadata::Partition& partition);
  void follow(Replica& replica, const metadata::Partition& partition);
  void remove(const PartitionKey& key);
  // Ends the replica's part here; its files stay. Returns what comes after it.
  std::map<PartitionKey, std::unique_ptr<Replica>>::iterator retire(
      std::map<PartitionKey, std::unique_ptr<Replica>>::iterator at);
  void delete_files(Replica& replica);
  void report_offline(const PartitionKey& key, const std::string& topic, std::string_view why);
  // The directory holds a log that cannot be opened: it is offline from now on, with all its logs.
  void give_up(LogDirectory& directory, const PartitionKey& key, const std::string& topic,
               const std::string& why);
  void tell_damage(const LogDirectory& directory, const storage::LoadReport& report);

  // replica_placement.cpp
  // The directory that the partition's log lies in, or else is to lie in; null where it must not
  // be made.
  [[nodiscard]] LogDirectory* directory_for(const PartitionKey& key,
                                            const storage::TopicPartition& name,
                                            const Uuid& assigned);
  [[nodiscard]] LogDirectory* holder_of(const PartitionKey& key,
                                        const storage::TopicPartition& name);
  [[nodiscard]] LogDirectory* with_fewest_logs() const;
  void note_misplaced(const Replica& replica, const Uuid& assigned);
  [[nodiscard]] bool is_stray(const LogDirectory& directory,
                              const storage::TopicPartition& name) const;

  // replica_moves.cpp
  struct LeftFuture {
    LogDirectory* directory;
    std::string folder;
  };
  [[nodiscard]] protocol::ErrorCode begin_move(Replica& replica, LogDirectory& directory,
                                               const std::string& folder);
  void cancel_move(const PartitionKey& key, FutureLogs::Files files = FutureLogs::Files::removed);
  void advance_moves();
  void complete_move(const PartitionKey& key);
  [[nodiscard]] static bool keep_epoch_of(const Replica& replica, storage::Log& log);
  void find_futures();
  void resume_move(Replica& replica);
  void recover_abandoned(const PartitionKey& key, const storage::TopicPartition& name,
                         const Uuid& assigned);

  // replica_checkpoints.cpp
  void write_checkpoints();
  void forget_checkpoints(LogDirectory& directory, const storage::TopicPartition& name);
  // The errors are sentences.
  [[nodiscard]] Result<void, std::string> move_aside(LogDirectory& directory,
                                                     const storage::TopicPartition& name,
                                                     std::string_view why);
  // Makes the folder this topic's; what another topic of that name left there is moved aside.
  [[nodiscard]] Result<void, std::string> claim_folder(LogDirectory& directory,
                                                       const storage::TopicPartition& name,
                                                       const TopicId& topic);
  // Deletes folders that Kafka was about to delete, and refuses those that are no partition's.
  void check_folders();

  Env& env_;
  const BrokerConfig& config_;
  const metadata::Image& image_;
  LogDirectories& directories_;

  std::map<PartitionKey, std::unique_ptr<Replica>> replicas_;
  std::vector<std::unique_ptr<Replica>> removed_;
  std::map<PartitionKey, std::string> offline_;
  std::map<std::string, TopicRules> rules_;
  std::optional<std::string> broken_;
  LogFlusher flusher_;
  CleanerSchedule cleaner_;
  FutureLogs futures_;
  std::map<storage::TopicPartition, LeftFuture> left_futures_;  // Found at start.
  // Where partitions that are not here yet were asked to lie.
  std::map<storage::TopicPartition, LogDirectory*> preferred_;
  // Work for others.
  std::vector<Replica*> moved_;
  std::vector<RoleChange> role_changes_;
  std::map<PartitionKey, replication::IsrProposal> proposals_;
  std::map<PartitionKey, Uuid> misplaced_;
  Instant next_laggard_check_;
  Instant next_checkpoint_;
  Instant next_retention_;
};

}  // namespace ottla::broker
