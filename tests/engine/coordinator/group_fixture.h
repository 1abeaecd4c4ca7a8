// A coordinator with a log in memory and clients that call it by verbs. Time stands still unless it
// is run.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/coordinator/group_coordinator.h"

namespace ottla::coordinator::test {

class GroupFixture {
 public:
  explicit GroupFixture(GroupConfig config = {});

  // What a client says when it joins.
  struct Join {
    std::string group = "g";
    std::string member_id;
    std::optional<std::string> instance_id;
    std::string client_id = "client";
    std::vector<std::string> protocols = {"range"};
    std::vector<std::string> topics = {"orders"};
    std::string protocol_type = "consumer";
    std::int32_t session_ms = 10'000;
    std::int32_t rebalance_ms = 60'000;
    std::int16_t version = 9;
  };
  RequestToken join(const Join& join);
  // Joins until it has an id, and gives it; the join with that id is parked or answered.
  struct Joined {
    std::string member_id;
    RequestToken token;
  };
  Joined join_with_id(Join join);
  RequestToken sync(const std::string& group, const std::string& member_id, std::int32_t generation,
                    const std::map<std::string, std::string>& assignments = {},
                    std::optional<std::string> instance_id = {});
  RequestToken heartbeat(const std::string& group, const std::string& member_id,
                         std::int32_t generation, std::optional<std::string> instance_id = {});
  RequestToken leave(const std::string& group, const std::vector<std::string>& member_ids);
  RequestToken leave_instance(const std::string& group, const std::string& instance_id);
  RequestToken commit(const std::string& group, const std::string& member_id,
                      std::int32_t generation, const std::string& topic, std::int32_t partition,
                      std::int64_t offset, const std::string& metadata = "",
                      std::int16_t version = 9);
  RequestToken delete_groups(const std::vector<std::string>& groups);
  RequestToken delete_offset(const std::string& group, const std::string& topic,
                             std::int32_t partition);
  // The committed offset that a fetch gives; -1 for none.
  [[nodiscard]] std::int64_t fetch(const std::string& group, const std::string& topic,
                                   std::int32_t partition) const;

  void run_for(Duration duration);
  // Moves the high watermark to the end of the log; automatic unless `hold` is set.
  void commit_log();
  // The process dies and another coordinator replays the log.
  void crash_and_replay();
  void resign();

  [[nodiscard]] bool is_answered(RequestToken token) const { return replies.contains(token); }
  template <class Response>
  [[nodiscard]] const Response& answer(RequestToken token) const {
    return std::get<Response>(replies.at(token));
  }
  [[nodiscard]] protocol::ErrorCode error(RequestToken token) const;
  [[nodiscard]] GroupView group(const std::string& id = "g") const;
  // A group of one member of this id prefix that is stable.
  Joined make_stable_group(const Join& join);

  GroupConfig config;
  std::unique_ptr<GroupCoordinator> coordinator;
  std::vector<CoordinatorRecord> log;
  bool hold = false;
  std::optional<protocol::ErrorCode> append_error;
  Instant now = scenario_epoch;
  std::map<RequestToken, GroupResponse> replies;
  std::vector<RequestToken> asked;
  std::vector<RequestToken> answered_twice;
  std::vector<GroupChange> changes;

 private:
  void take(CoordinatorResult result);
  RequestContext context(std::int16_t version, const std::string& client_id = "client");

  std::uint64_t next_token_ = 1;
  std::uint64_t next_id_ = 1;
};

}  // namespace ottla::coordinator::test
