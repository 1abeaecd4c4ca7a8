// The group APIs of a broker: one coordinator for each partition of __consumer_offsets that the
// broker leads, loaded from that partition's log, and the routing of requests to them by group id.
//
//   service.become_leader(partition, now);            // and resign(partition, now)
//   service.handle({token, version, client_id, host, now}, join_group_request);
//   service.on_high_watermark(partition, offset, now);
//   if (service.next_deadline() <= now) service.on_time(now);
//
// Every request is answered exactly once through GroupHost::reply, at once or later.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/broker/groups/group_host.h"
#include "engine/coordinator/group_coordinator.h"
#include "engine/protocol/messages/delete_groups_request.h"
#include "engine/protocol/messages/describe_groups_request.h"
#include "engine/protocol/messages/find_coordinator_request.h"

namespace ottla::broker {

struct GroupServiceConfig {
  coordinator::GroupConfig groups;
  std::int32_t offsets_topic_partitions =
      50;  // offsets.topic.num.partitions, until the topic exists.
  // How much of a partition is replayed at a time; requests are served in between.
  std::size_t load_bytes_max = std::size_t{5} << 20;  // offsets.load.buffer.size
};

// Who asks, and when.
struct GroupRequest {
  coordinator::RequestToken token;
  ApiVersion version;
  std::string client_id;  // Empty where the client gave none.
  std::string peer_host;
  Instant now;
};

class GroupService {
 public:
  GroupService(GroupServiceConfig config, GroupHost& host, OffsetsLog& log);
  GroupService(const GroupService&) = delete;

  // This broker leads the partition from now on. Until its log is replayed, requests for its groups
  // are answered COORDINATOR_LOAD_IN_PROGRESS.
  void become_leader(PartitionIndex partition, Instant now);
  // It no longer does: requests that wait are answered NOT_COORDINATOR.
  void resign(PartitionIndex partition, Instant now);
  void on_high_watermark(PartitionIndex partition, Offset high_watermark, Instant now);

  [[nodiscard]] std::optional<Instant> next_deadline() const;
  // Does all that is due.
  void on_time(Instant now);

  void handle(const GroupRequest&, const protocol::JoinGroupRequest&);
  void handle(const GroupRequest&, const protocol::SyncGroupRequest&);
  void handle(const GroupRequest&, const protocol::HeartbeatRequest&);
  void handle(const GroupRequest&, const protocol::LeaveGroupRequest&);
  void handle(const GroupRequest&, const protocol::OffsetCommitRequest&);
  void handle(const GroupRequest&, const protocol::OffsetFetchRequest&);
  void handle(const GroupRequest&, const protocol::OffsetDeleteRequest&);
  void handle(const GroupRequest&, const protocol::ListGroupsRequest&);
  void handle(const GroupRequest&, const protocol::DescribeGroupsRequest&);
  void handle(const GroupRequest&, const protocol::DeleteGroupsRequest&);
  void handle(const GroupRequest&, const protocol::FindCoordinatorRequest&);

  // Every group of the loaded partitions.
  [[nodiscard]] std::vector<coordinator::GroupView> groups() const;
  [[nodiscard]] bool is_loading(PartitionIndex partition) const;
  [[nodiscard]] PartitionIndex partition_of(const std::string& group) const;

 private:
  struct Shard {
    coordinator::GroupCoordinator coordinator;
    Offset next_to_load;
    bool loaded = false;
    bool appending = false;  // The high watermark may move while it appends.
    Offset high_watermark{0};
  };
  // The loaded shard of a group, or why there is none.
  struct Route {
    Shard* shard = nullptr;
    PartitionIndex partition;
    protocol::ErrorCode error = protocol::ErrorCode::none;
  };
  // A request whose answer is put together: of the parts that several partitions answer
  // (DeleteGroups), or of what the coordinator answers and what was refused before (OffsetCommit,
  // OffsetDelete).
  struct GatheredDelete {
    coordinator::RequestToken token;
    protocol::DeleteGroupsResponse response;  // In the request's order.
    std::size_t parts_left;
  };

  [[nodiscard]] Route route(const std::string& group);
  [[nodiscard]] coordinator::RequestContext context_of(const GroupRequest&);
  void load_some(PartitionIndex partition, Shard& shard, Instant now);
  // Does what a result asks for, and what comes of it in turn.
  void run(PartitionIndex partition, Shard& shard, coordinator::CoordinatorResult result,
           Instant now);
  [[nodiscard]] Result<Offset, protocol::ErrorCode> append(
      PartitionIndex partition, Shard& shard,
      const std::vector<coordinator::CoordinatorRecord>& records, Instant now);
  void deliver(coordinator::Reply reply);
  void deliver_part_of_delete(coordinator::RequestToken part,
                              const protocol::DeleteGroupsResponse&);
  template <class Response>
  void deliver_with_refused(coordinator::RequestToken token, Response response);

  [[nodiscard]] protocol::OffsetFetchResponse::OffsetFetchResponseGroup fetch_group(
      const protocol::OffsetFetchRequest::OffsetFetchRequestGroup&, ApiVersion version);
  void fetch_single_group(const GroupRequest&, const protocol::OffsetFetchRequest&);
  [[nodiscard]] protocol::FindCoordinatorResponse::Coordinator find_coordinator(
      const std::string& key, std::int8_t key_type);

  const GroupServiceConfig config_;
  GroupHost& host_;
  OffsetsLog& log_;
  std::map<PartitionIndex, Shard> shards_;

  // Topics refused before the coordinator was asked, by the request that they belong to.
  using RefusedTopics =
      std::variant<protocol::OffsetCommitResponse, protocol::OffsetDeleteResponse>;
  std::map<coordinator::RequestToken, RefusedTopics> refused_;
  std::map<coordinator::RequestToken, GatheredDelete> gathered_;          // By the request.
  std::map<coordinator::RequestToken, coordinator::RequestToken> parts_;  // A part's request.
  std::uint64_t next_part_;
};

}  // namespace ottla::broker
