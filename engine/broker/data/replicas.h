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
#include "engine/broker/data/log_flusher.h"
#include "engine/broker/data/replica.h"
#include "engine/env/node.h"
#include "engine/metadata/image.h"
#include "engine/storage/broker_files.h"

namespace ottla::broker {

class Replicas : private replication::Eligibility {
 public:
  // `image` is the broker's and outlives this.
  Replicas(Env& env, const BrokerConfig& config, const metadata::Image& image);

  // Reads the checkpoints; logs are opened as the metadata log names them.
  void load(const Uuid& directory_id, bool clean_shutdown);
  [[nodiscard]] const Uuid& directory_id() const { return directory_id_; }
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
  [[nodiscard]] storage::LogConfig log_config_of(const std::string& topic) const;
  void refresh_rules(const std::string& topic);
  [[nodiscard]] std::string topic_value(const std::string& topic, std::string_view name) const;
  [[nodiscard]] std::int64_t topic_integer(const std::string& topic, std::string_view name) const;
  void assign(const PartitionKey& key, const std::string& topic,
              const metadata::Partition& partition);
  [[nodiscard]] Replica* open(const PartitionKey& key, const std::string& topic);
  void lead(Replica& replica, const metadata::Partition& partition);
  void follow(Replica& replica, const metadata::Partition& partition);
  void remove(const PartitionKey& key, const std::string& topic);
  void delete_files(const Replica& replica);
  void report_offline(const PartitionKey& key, const std::string& topic, std::string_view why);

  // replica_checkpoints.cpp
  void load_checkpoints();
  void write_checkpoints();
  [[nodiscard]] storage::OffsetCheckpoint load_checkpoint(std::string_view path);
  void forget_checkpoints(const storage::TopicPartition& name);
  [[nodiscard]] Result<void, storage::StorageError> move_aside(const storage::TopicPartition& name);
  // Makes the folder this topic's; what another topic of that name left there is moved aside.
  [[nodiscard]] Result<void, storage::StorageError> claim_folder(
      const storage::TopicPartition& name, const TopicId& topic);

  Env& env_;
  const BrokerConfig& config_;
  const metadata::Image& image_;

  std::map<PartitionKey, std::unique_ptr<Replica>> replicas_;
  std::vector<std::unique_ptr<Replica>> removed_;
  std::map<PartitionKey, std::string> offline_;
  std::map<std::string, TopicRules> rules_;
  bool clean_shutdown_ = false;  // Of the process before.
  Uuid directory_id_;
  // As the files have them; of open partitions, as of the last time they were written.
  storage::OffsetCheckpoint checkpointed_watermarks_;
  storage::OffsetCheckpoint checkpointed_starts_;
  storage::OffsetCheckpoint checkpointed_recovery_;
  LogFlusher flusher_;
  CleanerSchedule cleaner_;
  // Work for others.
  std::vector<Replica*> moved_;
  std::vector<RoleChange> role_changes_;
  std::map<PartitionKey, replication::IsrProposal> proposals_;
  Instant next_laggard_check_;
  Instant next_checkpoint_;
  Instant next_retention_;
};

}  // namespace ottla::broker
