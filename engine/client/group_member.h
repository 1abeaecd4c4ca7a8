// One consumer's membership of a group by the classic protocol: finds the coordinator, joins,
// computes the assignment when it leads, syncs, keeps alive, commits, and leaves. What Kafka's
// ConsumerCoordinator and its heartbeat thread do.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>

#include "engine/client/consumer_config.h"
#include "engine/client/metadata_cache.h"
#include "engine/client/subscription.h"
#include "engine/protocol/messages/join_group_response.h"
#include "engine/wire/channel_pool.h"

namespace ottla::client {

class GroupMember {
 public:
  enum class Phase : std::uint8_t {
    unjoined,
    committing,  // What was read, before partitions are given back.
    joining,
    syncing,
    stable,
  };
  // A member's requests, by which its tokens are told apart; each at most once in flight.
  enum class Ask : std::uint8_t { find, join, sync, heartbeat, leave, commit, offsets };
  static constexpr std::size_t ask_count = 7;

  // All outlive the member. Tokens are [first_token, first_token + ask_count).
  GroupMember(const ConsumerConfig& config, OwnedPartitions& owned, wire::ChannelPool& channels,
              wire::ChannelPool& coordinator_channels, MetadataCache& metadata, Random& random,
              std::uint64_t first_token);

  // What the heartbeat thread does, whatever the application does.
  void poll_background(Instant now);
  // What KafkaConsumer.poll does before it looks at records: true when the member owns its
  // assignment. Otherwise the application waits in poll.
  bool poll_application(Instant now);
  // Commits and leaves; done when `left`.
  void begin_leaving(Instant now);
  void poll_leaving(Instant now);
  [[nodiscard]] bool left() const { return left_; }

  bool on_completion(const wire::Completion& completion, Instant now);
  // When something is due by itself.
  [[nodiscard]] std::optional<Instant> next_due(Instant now) const;

  [[nodiscard]] Phase phase() const { return phase_; }
  [[nodiscard]] bool rejoin_wanted() const { return rejoin_wanted_; }
  [[nodiscard]] const std::string& member_id() const { return member_id_; }
  [[nodiscard]] GenerationId generation() const { return generation_; }
  [[nodiscard]] std::int64_t rebalances() const { return rebalances_; }
  [[nodiscard]] const std::string& last_error() const { return last_error_; }

 private:
  template <class Request>
  bool ask(Ask what, const Request& request, ApiVersion ceiling, Instant now,
           wire::SendOptions options = {});
  [[nodiscard]] bool asking(Ask what) const { return asking_[static_cast<std::size_t>(what)]; }
  // The answer to come, or that came, is of the generation that is current.
  [[nodiscard]] bool is_current(Ask what) const {
    return asked_in_[static_cast<std::size_t>(what)] == generation_;
  }

  void find_coordinator(Instant now);
  void lose_coordinator(Instant now);
  void prepare_join(Instant now);
  void send_join(Instant now);
  void send_sync(const protocol::JoinGroupResponse* as_leader, Instant now);
  void send_heartbeat(Instant now);
  void send_commit(Instant now);
  void send_leave(Instant now);
  void fetch_committed(Instant now);

  void take_coordinator(const wire::Completion& completion, Instant now);
  void take_join(const wire::Completion& completion, Instant now);
  void take_sync(const wire::Completion& completion, Instant now);
  void take_assignment(const Bytes& assignment, Instant now);
  void take_heartbeat(const wire::Completion& completion, Instant now);
  void take_commit(const wire::Completion& completion, Instant now);
  void take_offsets(const wire::Completion& completion, Instant now);
  // What a group error means to every request alike. Returns whether it was such a one.
  bool take_error(protocol::ErrorCode error, Instant now);
  // The membership is over: partitions are lost without a commit.
  void reset_generation(bool forget_member_id);
  [[nodiscard]] bool group_metadata_changed() const;
  void finish_commit(bool retriable_failure, Instant now);
  void retry_later(Instant now);

  // Constant after construction.
  const ConsumerConfig& config_;
  OwnedPartitions& owned_;
  wire::ChannelPool& channels_;
  wire::ChannelPool& coordinator_channels_;
  MetadataCache& metadata_;
  Random& random_;
  std::uint64_t first_token_;

  Phase phase_ = Phase::unjoined;
  std::optional<Endpoint> coordinator_;
  std::string member_id_;
  GenerationId generation_{-1};
  bool rejoin_wanted_ = true;
  std::string join_reason_;
  std::array<bool, ask_count> asking_{};
  std::array<GenerationId, ask_count> asked_in_{};  // The generation of each request.

  // As the group's leader: what the assignment was computed from.
  std::map<std::string, std::int32_t> group_partitions_;
  bool leads_ = false;

  Instant retry_not_before_;    // Of finding, joining and syncing.
  Instant offsets_not_before_;  // Of OffsetFetch.
  Instant next_heartbeat_;
  Instant session_deadline_;
  Instant poll_deadline_;
  Instant next_commit_;
  Instant commit_not_before_;
  Instant commit_deadline_;        // Of the commit before a join.
  bool last_commit_sent_ = false;  // The one before a join, rather than an earlier one.
  unsigned failures_ = 0;

  bool leaving_ = false;
  bool left_ = false;
  std::int64_t rebalances_ = 0;
  std::string last_error_;
};

}  // namespace ottla::client
