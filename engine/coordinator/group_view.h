// A read-only picture of a coordinator's groups, for whoever watches: who is in which group, what
// each waits for and until when, and what has been committed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/coordinator/classic_group.h"

namespace ottla::coordinator {

struct MemberView {
  enum class Waiting : std::uint8_t { no, join, sync };

  std::string id;
  std::optional<std::string> instance_id;
  std::string client_id;
  std::string client_host;
  Bytes subscription;  // For the group's protocol.
  Bytes assignment;
  Duration session_timeout;  // session.timeout.ms, as it joined with.
  std::optional<Instant> session_deadline;
  Waiting waiting = Waiting::no;
  std::optional<Instant> waiting_since;
  std::optional<Instant> waiting_deadline;
  std::string waiting_cause;  // Such as "2 of 3 members have joined".
};

struct CommittedOffsetView {
  std::string topic;
  PartitionIndex partition;
  Offset offset;
  LeaderEpoch leader_epoch;
  std::string metadata;
  Instant committed_at;
};

struct GroupView {
  std::string id;
  GroupState state = GroupState::empty;
  GenerationId generation;
  std::string protocol_type;
  std::string protocol;
  std::string leader;
  std::optional<Instant> state_since;
  std::vector<MemberView> members;           // By member id.
  std::vector<std::string> pending_members;  // Given an id, not yet back with it.
  std::vector<CommittedOffsetView> offsets;  // By topic and partition.
};

}  // namespace ottla::coordinator
