// Brings a consumer's records in: looks positions up where there is none, fetches from the leaders,
// or from the replicas that these prefer, ahead of the application, and hands over what came,
// max.poll.records at a time. What Kafka's OffsetFetcher, Fetcher and FetchCollector do.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <vector>

#include "engine/client/consumer_config.h"
#include "engine/client/metadata_cache.h"
#include "engine/client/subscription.h"
#include "engine/env/probe.h"
#include "engine/protocol/messages/fetch_response.h"
#include "engine/protocol/records/record_batch.h"
#include "engine/wire/channel_pool.h"

namespace ottla::client {

class Fetcher {
 public:
  static constexpr ApiVersion fetch_version{17};
  static constexpr ApiVersion list_offsets_version{9};

  // All outlive the fetcher. Its requests have tokens from `first_token` on.
  Fetcher(const ConsumerConfig& config, OwnedPartitions& owned, wire::ChannelPool& channels,
          MetadataCache& metadata, std::uint64_t first_token)
      : config_(config),
        owned_(owned),
        channels_(channels),
        metadata_(metadata),
        last_token_(first_token) {}

  // Sends what can be sent: one fetch at a time to each broker, for the partitions of which nothing
  // is buffered.
  void poll(Instant now);
  // False when the completion is of none of its requests.
  bool on_completion(const wire::Completion& completion, Instant now);
  // The earliest end of a back-off that is later than now.
  [[nodiscard]] std::optional<Instant> next_due(Instant now) const;

  // Records with offsets [first, last], without gaps; none when last < first.
  struct Run {
    TopicPartition of;
    Offset first;
    Offset last;
    Offset next;                                 // The position after them.
    std::optional<protocol::RecordBatch> batch;  // That holds them, where a history is kept.

    // The batch's inflated body, and the names in the values of its records up to offset `to`; they
    // are views of it.
    struct Names {
      Bytes body;
      std::vector<probe::RecordName> records;
    };
    [[nodiscard]] Names names(Offset to) const;
  };

  // Hands over at most `records_max` records, run by run up to offset `to`, and moves positions
  // past them.
  using Deliver = std::function<void(const Run& run, Offset to)>;
  std::int64_t collect(std::int64_t records_max, const Deliver& deliver);
  [[nodiscard]] bool has_buffered() const { return !buffered_.empty(); }
  // Forgets what came for partitions that are no longer owned.
  void drop_unowned();
  [[nodiscard]] const std::string& last_error() const { return last_error_; }

 private:
  using Wanted = std::vector<const TopicPartition*>;  // In order, into the owned partitions.
  struct Asked {
    BrokerId broker;
    bool fetch = true;  // Or ListOffsets.
    std::map<TopicPartition, Offset> positions;
    std::map<TopicId, std::string> names;
  };

  void send_list_offsets(BrokerId broker, wire::Channel& channel, const Wanted& partitions,
                         Instant now);
  void send_fetch(BrokerId broker, wire::Channel& channel, const Wanted& partitions, Instant now);
  void take_offsets(const wire::Completion& completion, const Asked& asked, Instant now);
  void take_fetched(const wire::Completion& completion, const Asked& asked, Instant now);
  void take_partition(const TopicPartition& of, Offset asked_at,
                      const protocol::FetchResponse::PartitionData& partition, Instant now);
  void buffer(const TopicPartition& of, Offset from, const protocol::RecordBatch& batch);
  void fail(const Asked& asked, Instant now);
  void back_off(OwnedPartition& partition, protocol::ErrorCode error, Instant now);
  [[nodiscard]] wire::Channel* channel_to(BrokerId broker, Instant now);
  // Whom to fetch from: the leader, or the replica that it prefers.
  [[nodiscard]] BrokerId read_replica(OwnedPartition& partition, const PartitionLeader& leader,
                                      Instant now);
  void prefer(const TopicPartition& of, BrokerId replica, Instant now);

  const ConsumerConfig& config_;
  OwnedPartitions& owned_;
  wire::ChannelPool& channels_;
  MetadataCache& metadata_;

  std::uint64_t last_token_;
  std::map<wire::RequestToken, Asked> asked_;
  std::set<BrokerId> fetching_;  // A fetch is in flight to them.
  std::set<BrokerId> listing_;   // A ListOffsets is.
  std::deque<Run> buffered_;
  std::map<TopicPartition, std::int64_t> buffered_runs_;  // How many of each partition.
  std::string last_error_;
};

}  // namespace ottla::client
