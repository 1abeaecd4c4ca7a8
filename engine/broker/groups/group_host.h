// What GroupService needs of the broker that it runs in: the partitions of __consumer_offsets, the
// cluster's metadata, and a way for replies to leave. Nothing here calls back into the service but
// where it says so.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/base/uuid.h"
#include "engine/coordinator/coordinator_result.h"
#include "engine/protocol/error_code.h"
#include "engine/protocol/messages/describe_groups_response.h"
#include "engine/protocol/messages/find_coordinator_response.h"
#include "engine/protocol/messages/list_groups_response.h"
#include "engine/protocol/messages/offset_fetch_response.h"
#include "engine/protocol/records/record_batch.h"

namespace ottla::broker {

inline constexpr std::string_view group_metadata_topic = "__consumer_offsets";
inline constexpr std::string_view transaction_state_topic = "__transaction_state";

// Any response of the group APIs; visit it to encode.
using GroupApiResponse = std::variant<
    protocol::JoinGroupResponse, protocol::SyncGroupResponse, protocol::HeartbeatResponse,
    protocol::LeaveGroupResponse, protocol::OffsetCommitResponse, protocol::OffsetFetchResponse,
    protocol::OffsetDeleteResponse, protocol::ListGroupsResponse, protocol::DescribeGroupsResponse,
    protocol::DeleteGroupsResponse, protocol::FindCoordinatorResponse>;

// The partitions of __consumer_offsets that this broker leads.
class OffsetsLog {
 public:
  struct Bounds {
    Offset start;
    Offset end;
    Offset high_watermark;
  };

  virtual ~OffsetsLog() = default;
  // Appends as acks=all does (min.insync.replicas counts), and returns the offset after the last
  // record. The high watermark's progress comes by GroupService::on_high_watermark, perhaps before
  // this returns.
  [[nodiscard]] virtual Result<Offset, protocol::ErrorCode> append(PartitionIndex partition,
                                                                   protocol::RecordBatch batch) = 0;
  [[nodiscard]] virtual Bounds bounds(PartitionIndex partition) const = 0;
  // Some whole batches, the first of which holds `from`, up to the end of the log; none at the end.
  [[nodiscard]] virtual Result<std::vector<protocol::RecordBatch>, protocol::ErrorCode> read(
      PartitionIndex partition, Offset from) const = 0;
};

class GroupHost {
 public:
  struct CoordinatorNode {
    BrokerId id;
    std::string host;
    std::int32_t port;
  };

  virtual ~GroupHost() = default;
  virtual void reply(coordinator::RequestToken token, GroupApiResponse response) = 0;
  // A group changed its state; for probes.
  virtual void tell(const coordinator::GroupChange& change) = 0;
  // 128 random bits.
  [[nodiscard]] virtual Uuid random_id() = 0;

  // Metadata. Zero and nothing for what does not exist.
  [[nodiscard]] virtual bool topic_exists(std::string_view topic) const = 0;
  [[nodiscard]] virtual Uuid topic_id(std::string_view topic) const = 0;
  [[nodiscard]] virtual std::optional<std::string> topic_name(const Uuid& id) const = 0;
  [[nodiscard]] virtual std::optional<std::int32_t> partition_count(
      std::string_view topic) const = 0;
  // A live leader with a listener; nothing when there is none.
  [[nodiscard]] virtual std::optional<CoordinatorNode> leader_of(
      std::string_view topic, PartitionIndex partition) const = 0;
  // Asks the controller for __consumer_offsets or __transaction_state, with the partitions and
  // replicas of the broker's configs. Asked again at every look-up until the topic is there.
  virtual void create_internal_topic(std::string_view topic) = 0;
};

}  // namespace ottla::broker
