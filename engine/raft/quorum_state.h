// The `quorum-state` file: what a node must not forget about the quorum's epochs, as the JSON text
// that Kafka's FileQuorumStateStore writes. data_version 0 goes with a static quorum (kraft.version
// 0), 1 with directory ids (KIP-853).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/base/uuid.h"

namespace ottla::raft {

struct QuorumState {
  std::int16_t data_version = 0;
  BrokerId leader = no_broker;
  LeaderEpoch leader_epoch{};
  BrokerId voted = no_broker;
  Uuid voted_directory;          // data_version 1.
  std::vector<BrokerId> voters;  // data_version 0.
  bool operator==(const QuorumState&) const = default;
};

enum class QuorumStateError : std::uint8_t { not_json, missing_field, unknown_version };
[[nodiscard]] std::string_view describe(QuorumStateError error);

[[nodiscard]] std::string encode_quorum_state(const QuorumState& state);
[[nodiscard]] Result<QuorumState, QuorumStateError> decode_quorum_state(std::string_view text);

}  // namespace ottla::raft
