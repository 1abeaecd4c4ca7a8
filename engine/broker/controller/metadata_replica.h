// A broker's side of the metadata quorum: an observer that fetches the metadata log from the active
// controller, keeps it on its disk, and applies what is committed to an image. The broker forwards
// its node's events here and takes what changed.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "engine/broker/broker_config.h"
#include "engine/broker/controller/metadata_quorum.h"
#include "engine/metadata/image.h"

namespace ottla::broker {

class MetadataReplica final : private QuorumListener {
 public:
  // Both outlive this.
  MetadataReplica(Env& env, const BrokerConfig& config);

  // Opens the log and begins to follow the quorum. The image fills as soon as the leader has said
  // what is committed. `directory` is the log directory's id.
  void start(const Uuid& directory) { quorum_.start(directory); }

  [[nodiscard]] const metadata::Image& image() const { return image_; }
  [[nodiscard]] const MetadataQuorum& quorum() const { return quorum_; }
  [[nodiscard]] std::int16_t kraft_version() const {
    return quorum_.is_running() ? quorum_.raft().kraft_version() : std::int16_t{0};
  }
  // Once started.
  [[nodiscard]] const raft::Raft& raft() const { return quorum_.raft(); }
  // Where the active controller listens, as far as is known.
  [[nodiscard]] std::optional<Endpoint> active_controller() const {
    return quorum_.leader_endpoint();
  }
  // Whether there has been another leader, or another epoch of the same, since the last call.
  [[nodiscard]] bool take_controller_changed() { return std::exchange(controller_changed_, false); }
  // What the records applied since the last call have touched; nothing when they touched nothing.
  [[nodiscard]] std::optional<metadata::ImageDelta> take_delta();
  // Why this replica cannot go on: a damaged log, a foreign cluster. It has told the probe.
  [[nodiscard]] const std::optional<std::string>& failed() const { return quorum_.failed(); }

  // The node's events. True when the connection was this replica's.
  bool on_connected(ConnectionId connection) { return quorum_.on_connected(connection); }
  bool on_message(ConnectionId connection, const ByteChain& frame) {
    return quorum_.on_message(connection, frame);
  }
  bool on_connection_closed(ConnectionId connection) {
    return quorum_.on_connection_closed(connection);
  }
  [[nodiscard]] std::optional<Instant> next_deadline() const { return quorum_.next_deadline(); }
  void on_time() { quorum_.on_time(); }

 private:
  void on_leader_changed(const raft::LeaderChanged&) override { controller_changed_ = true; }
  void on_committed(const protocol::MetadataRecord& record, Offset offset) override {
    image_.apply(record, offset, delta_);
  }
  void on_snapshot(metadata::Image image) override;
  [[nodiscard]] const metadata::Image& committed_image() const override { return image_; }
  void on_quorum_failed(const std::string& why) override;

  Env& env_;
  metadata::Image image_;
  metadata::ImageDelta delta_;
  bool controller_changed_ = false;
  MetadataQuorum quorum_;
};

}  // namespace ottla::broker
