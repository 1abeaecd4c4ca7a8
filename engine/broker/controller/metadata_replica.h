// A broker's view of the metadata: hears from its node's place in the quorum what is committed, and
// applies it to an image. The broker takes what changed.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "engine/broker/controller/metadata_quorum.h"
#include "engine/metadata/image.h"

namespace ottla::broker {

class MetadataReplica final : public QuorumListener {
 public:
  // Whose listener it is, alone or with others; outlives this.
  explicit MetadataReplica(const MetadataQuorum& quorum) : quorum_(quorum) {}

  // Fills as soon as the leader has said what is committed.
  [[nodiscard]] const metadata::Image& image() const { return image_; }
  [[nodiscard]] const MetadataQuorum& quorum() const { return quorum_; }
  [[nodiscard]] std::int16_t kraft_version() const {
    return quorum_.is_running() ? quorum_.raft().kraft_version() : std::int16_t{0};
  }
  // Once started.
  [[nodiscard]] const raft::Raft& raft() const { return quorum_.raft(); }
  // Where the active controller listens; null where that is not known.
  [[nodiscard]] const Endpoint* active_controller() const { return quorum_.leader_endpoint(); }
  // Whether there has been another leader, or another epoch of the same, since the last call.
  [[nodiscard]] bool take_controller_changed() { return std::exchange(controller_changed_, false); }
  // What the records applied since the last call have touched; nothing when they touched nothing.
  [[nodiscard]] std::optional<metadata::ImageDelta> take_delta() {
    return delta_.empty() ? std::nullopt : std::optional(std::exchange(delta_, {}));
  }
  // Why the quorum cannot go on at this node: a damaged log, a foreign cluster.
  [[nodiscard]] const std::optional<std::string>& failed() const { return quorum_.failed(); }

  void on_leader_changed(const raft::LeaderChanged&) override { controller_changed_ = true; }
  void on_committed(const protocol::MetadataRecord& record, Offset offset) override {
    image_.apply(record, offset, delta_);
  }
  void on_snapshot(metadata::Image image) override;
  [[nodiscard]] const metadata::Image& committed_image() const override { return image_; }
  void on_quorum_failed(const std::string&) override {}  // failed() says so.

 private:
  const MetadataQuorum& quorum_;
  metadata::Image image_;
  metadata::ImageDelta delta_;
  bool controller_changed_ = false;
};

}  // namespace ottla::broker
