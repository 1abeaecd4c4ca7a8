// A broker's side of the metadata quorum: an observer that fetches the metadata log from the active
// controller, keeps it on its disk, and applies what is committed to an image. The broker forwards
// its node's events here and takes what changed.
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "engine/broker/broker_config.h"
#include "engine/broker/controller/metadata_log.h"
#include "engine/env/node.h"
#include "engine/metadata/image.h"
#include "engine/raft/raft.h"
#include "engine/wire/channel.h"

namespace ottla::broker {

class MetadataReplica {
 public:
  // Both outlive this.
  MetadataReplica(Env& env, const BrokerConfig& config);

  // Opens the log and begins to follow the quorum. The image fills as soon as the leader has said
  // what is committed.
  void start(bool clean_shutdown);

  [[nodiscard]] const metadata::Image& image() const { return image_; }
  [[nodiscard]] const raft::Raft& raft() const { return raft_; }
  // Where the active controller listens, as far as is known.
  [[nodiscard]] std::optional<Endpoint> active_controller() const;
  // Whether there has been another leader, or another epoch of the same, since the last call.
  [[nodiscard]] bool take_controller_changed() { return std::exchange(controller_changed_, false); }
  // What the records applied since the last call have touched; nothing when they touched nothing.
  [[nodiscard]] std::optional<metadata::ImageDelta> take_delta();
  // Why this replica cannot go on: a damaged log, a foreign cluster. It has told the probe.
  [[nodiscard]] const std::optional<std::string>& failed() const { return failed_; }

  // The node's events. True when the connection was this replica's.
  bool on_connected(ConnectionId connection);
  bool on_message(ConnectionId connection, const ByteChain& frame);
  bool on_connection_closed(ConnectionId connection);
  [[nodiscard]] std::optional<Instant> next_deadline() const;
  void on_time();

 private:
  void carry_out(const raft::Effects& effects);
  void act(const raft::PersistQuorumState& effect);
  void act(const raft::TruncateLog& effect);
  void act(const raft::AppendToLog& effect);
  void act(const raft::SyncLog&) {}
  void act(const raft::SendFetch& effect);
  void act(const raft::ReplyToFetch&) {}
  void act(const raft::LeaderChanged&) { controller_changed_ = true; }
  void act(const raft::HighWatermarkAdvanced& effect);
  void act(const raft::QuorumBroken& effect) { fail(effect.reason); }
  bool check(const MetadataLog::Done& done);
  void fail(const std::string& why);
  wire::Channel* channel_of(ConnectionId connection);
  void take_completions();

  Env& env_;
  const BrokerConfig& config_;
  MetadataLog log_;
  raft::Raft raft_;
  metadata::Image image_;
  metadata::ImageDelta delta_;
  Offset next_to_apply_{0};
  std::map<BrokerId, std::unique_ptr<wire::Channel>> channels_;  // One to each voter.
  bool controller_changed_ = false;
  bool started_ = false;
  std::optional<std::string> failed_;
};

}  // namespace ottla::broker
