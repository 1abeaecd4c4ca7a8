// The coordinator of the groups of one partition of __consumer_offsets: Kafka's group coordinator
// for the classic protocol, as a pure machine. A call takes a request and the time and returns a
// CoordinatorResult; requests that wait (join, sync, and replies that rest on records) are kept
// here as data, each with a deadline and one end.
//
// The shell appends a result's records and says so with `appended`, then tells of the high
// watermark with `committed`. A coordinator that replays the partition is where the one before it
// was.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/uuid.h"
#include "engine/coordinator/coordinator_result.h"
#include "engine/coordinator/deadlines.h"
#include "engine/coordinator/group_config.h"
#include "engine/coordinator/group_view.h"
#include "engine/coordinator/offset_store.h"
#include "engine/coordinator/parked_writes.h"
#include "engine/protocol/messages/describe_groups_response.h"
#include "engine/protocol/messages/heartbeat_request.h"
#include "engine/protocol/messages/join_group_request.h"
#include "engine/protocol/messages/leave_group_request.h"
#include "engine/protocol/messages/list_groups_request.h"
#include "engine/protocol/messages/list_groups_response.h"
#include "engine/protocol/messages/offset_commit_request.h"
#include "engine/protocol/messages/offset_delete_request.h"
#include "engine/protocol/messages/offset_fetch_request.h"
#include "engine/protocol/messages/offset_fetch_response.h"
#include "engine/protocol/messages/sync_group_request.h"

namespace ottla::coordinator {

// Who asks, and how.
struct RequestContext {
  RequestToken token;
  ApiVersion version;
  std::string client_id;
  std::string client_host;  // As Java prints an address: "/127.0.0.1".
  Uuid fresh_id;            // 128 random bits, for the member id that a join may need.
};

// What is wrong with a request whoever coordinates its group; nothing when it is fine.
[[nodiscard]] std::optional<protocol::ErrorCode> join_error(
    const GroupConfig& config, const protocol::JoinGroupRequest& request);
[[nodiscard]] std::optional<protocol::ErrorCode> sync_error(
    ApiVersion version, const protocol::SyncGroupRequest& request);

class GroupCoordinator {
 public:
  explicit GroupCoordinator(GroupConfig config);

  // Loading. Every record of the partition in order, then `loaded`; nothing else before that.
  // False for a malformed record, which is skipped.
  bool replay(Offset offset, const CoordinatorRecord& record, Instant now);
  // Starts the sessions of the members found, and rebalances groups above group.max.size.
  [[nodiscard]] CoordinatorResult loaded(Instant now, Offset high_watermark);
  // The partition has another leader: every waiting request ends with NOT_COORDINATOR. Final.
  [[nodiscard]] CoordinatorResult unload(Instant now);

  // The last result's records are in the log and end before `end`.
  void appended(Offset end);
  // They are not, for this reason. May return records in turn.
  [[nodiscard]] CoordinatorResult append_failed(protocol::ErrorCode error, Instant now);
  [[nodiscard]] CoordinatorResult committed(Offset high_watermark, Instant now);

  // The earliest moment at which `on_time` has something to do.
  [[nodiscard]] std::optional<Instant> next_deadline() const;
  // Does one due thing; call again while next_deadline() is due.
  [[nodiscard]] CoordinatorResult on_time(Instant now);

  [[nodiscard]] CoordinatorResult join(const RequestContext&, const protocol::JoinGroupRequest&,
                                       Instant now);
  [[nodiscard]] CoordinatorResult sync(const RequestContext&, const protocol::SyncGroupRequest&,
                                       Instant now);
  [[nodiscard]] CoordinatorResult heartbeat(const RequestContext&,
                                            const protocol::HeartbeatRequest&, Instant now);
  [[nodiscard]] CoordinatorResult leave(const RequestContext&, const protocol::LeaveGroupRequest&,
                                        Instant now);
  [[nodiscard]] CoordinatorResult commit_offsets(const RequestContext&,
                                                 const protocol::OffsetCommitRequest&, Instant now);
  [[nodiscard]] CoordinatorResult delete_offsets(const RequestContext&,
                                                 const protocol::OffsetDeleteRequest&, Instant now);
  [[nodiscard]] CoordinatorResult delete_groups(const RequestContext&,
                                                const std::vector<std::string>& groups,
                                                Instant now);

  // Reads, answered at once from what is committed. In OffsetFetch, absent topics mean all of them.
  [[nodiscard]] protocol::OffsetFetchResponse::OffsetFetchResponseGroup fetch_offsets(
      const protocol::OffsetFetchRequest::OffsetFetchRequestGroup&) const;
  [[nodiscard]] std::vector<protocol::ListGroupsResponse::ListedGroup> list_groups(
      const protocol::ListGroupsRequest&) const;
  [[nodiscard]] protocol::DescribeGroupsResponse::DescribedGroup describe_group(
      const std::string& group, ApiVersion version) const;
  [[nodiscard]] std::vector<GroupView> view() const;
  [[nodiscard]] const ParkedWrites& parked_writes() const { return parked_; }

 private:
  // One call: its time, its result, and what follows once the result's records are committed.
  struct Turn {
    Instant now;
    CoordinatorResult result;
    std::vector<AfterWrite> after;
  };

  // group_coordinator.cpp
  [[nodiscard]] CoordinatorResult finish(Turn turn);
  void apply_record(const CoordinatorRecord& record, Offset position, bool loading, Instant now);
  void run_after_write(Turn& turn, AfterWrite& after);
  void fail_after_write(Turn& turn, AfterWrite& after, protocol::ErrorCode error);
  void reply(Turn& turn, RequestToken token, GroupResponse response);
  void reply_when_written(Turn& turn, RequestToken token, GroupResponse response);
  void change_state(Turn& turn, ClassicGroup& group, GroupState state, std::string_view reason);
  [[nodiscard]] ClassicGroup* find(const std::string& group);
  [[nodiscard]] const ClassicGroup* find(const std::string& group) const;

  // group_join.cpp
  void join_new_member(Turn&, const RequestContext&, const protocol::JoinGroupRequest&,
                       ClassicGroup&);
  void join_known_member(Turn&, const RequestContext&, const protocol::JoinGroupRequest&,
                         ClassicGroup&);
  void add_member(Turn&, const RequestContext&, const protocol::JoinGroupRequest&, ClassicGroup&,
                  const std::string& member_id);
  void rejoin(Turn&, const RequestContext&, const protocol::JoinGroupRequest&, ClassicGroup&,
              ClassicMember&, std::string_view reason);
  void update_member(Turn&, const RequestContext&, const protocol::JoinGroupRequest&,
                     ClassicMember&);
  void replace_static_member(Turn&, const RequestContext&, const protocol::JoinGroupRequest&,
                             ClassicGroup&, const std::string& old_id, const std::string& new_id);
  void answer_stored_static_member(Turn&, const StaticMemberStored&);
  void revert_static_member(Turn&, const StaticMemberStored&, protocol::ErrorCode);
  [[nodiscard]] bool accepts(const ClassicGroup&, const std::string& member_id) const;

  // group_rebalance.cpp
  void prepare_rebalance(Turn&, ClassicGroup&, std::string_view reason);
  void rebalance_or_complete_join(Turn&, ClassicGroup&, std::string_view reason);
  void complete_join_if_all_joined(Turn&, ClassicGroup&);
  void complete_join(Turn&, ClassicGroup&);
  void on_join_deadline(Turn&, ClassicGroup&);
  void on_sync_deadline(Turn&, ClassicGroup&);
  void on_session_deadline(Turn&, ClassicGroup&, const std::string& member_id);
  void remove_member(Turn&, ClassicGroup&, const std::string& member_id);
  void arm_session(Turn&, const ClassicGroup&, const ClassicMember&);
  void end_join(Turn&, ClassicMember&, protocol::JoinGroupResponse);
  void end_sync(Turn&, ClassicMember&, protocol::SyncGroupResponse);
  void propagate_assignment(Turn&, ClassicGroup&, protocol::ErrorCode);
  void on_sync_received(ClassicGroup&, const std::string& member_id);

  // group_expiry.cpp
  void expire_offsets(Turn&);
  [[nodiscard]] bool expire_offsets_of(Turn&, const std::string& group);

  // group_admin.cpp
  [[nodiscard]] GroupView view_of(const ClassicGroup&) const;
  [[nodiscard]] MemberView view_of(const ClassicGroup&, const ClassicMember&) const;

  const GroupConfig config_;
  std::map<std::string, ClassicGroup> groups_;
  OffsetStore offsets_;
  Deadlines deadlines_;
  ParkedWrites parked_;
  // The last result, until the shell says what became of its records.
  struct Unplaced {
    Instant since;
    std::vector<CoordinatorRecord> records;
    std::vector<AfterWrite> after;
  };
  std::optional<Unplaced> unplaced_;
  Offset last_written_{0};  // The offset after the last record.
  Offset high_watermark_{0};
};

// What a client is told when records cannot be written (Kafka's
// CoordinatorOperationExceptionHelper).
[[nodiscard]] protocol::ErrorCode error_of_failed_append(protocol::ErrorCode error);
// The response of the kind `response` is, with nothing in it but an error.
[[nodiscard]] GroupResponse with_error(const GroupResponse& response, protocol::ErrorCode error);

}  // namespace ottla::coordinator
