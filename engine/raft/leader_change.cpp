#include "engine/raft/leader_change.h"

#include "engine/base/byte_writer.h"
#include "engine/protocol/messages/leader_change_message.h"

namespace ottla::raft {

namespace {

std::vector<protocol::LeaderChangeMessage::Voter> voter_list(const std::vector<BrokerId>& ids) {
  std::vector<protocol::LeaderChangeMessage::Voter> voters;
  for (const BrokerId id : ids) {
    auto& voter = voters.emplace_back();
    voter.voter_id = decltype(voter.voter_id){id.value()};
  }
  return voters;
}

}  // namespace

protocol::ControlRecord leader_change_record(const LeaderChange& change) {
  protocol::LeaderChangeMessage message;
  message.version_ = 0;
  message.leader_id = change.leader;
  message.voters = voter_list(change.voters);
  message.granting_voters = voter_list(change.granting_voters);
  ByteWriter writer;
  message.encode(writer, ApiVersion{0});
  return {protocol::ControlRecordType::leader_change, writer.take()};
}

}  // namespace ottla::raft
