#include "engine/raft/quorum_state.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace ottla::raft {

namespace {

using Json = nlohmann::ordered_json;

// The 32-bit integer called `name`, or nothing when it is absent, or another type of value.
std::optional<std::int32_t> integer(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number_integer()) return std::nullopt;
  if (found->is_number_unsigned() && !std::in_range<std::int32_t>(found->get<std::uint64_t>()))
    return std::nullopt;
  const auto value = found->get<std::int64_t>();
  return std::in_range<std::int32_t>(value) ? std::optional(static_cast<std::int32_t>(value))
                                            : std::nullopt;
}

std::optional<std::vector<BrokerId>> read_voters(const Json& object) {
  const auto found = object.find("currentVoters");
  if (found == object.end()) return std::nullopt;
  std::vector<BrokerId> voters;
  if (found->is_null()) return voters;
  if (!found->is_array()) return std::nullopt;
  for (const Json& entry : *found) {
    const auto id = entry.is_object() ? integer(entry, "voterId") : std::nullopt;
    if (!id) return std::nullopt;
    voters.push_back(BrokerId{*id});
  }
  return voters;
}

std::optional<Uuid> read_directory(const Json& object) {
  const auto found = object.find("votedDirectoryId");
  if (found == object.end() || !found->is_string()) return std::nullopt;
  return Uuid::parse(found->get_ref<const std::string&>());
}

}  // namespace

std::string_view describe(QuorumStateError error) {
  switch (error) {
    case QuorumStateError::not_json: return "the file is not a JSON object";
    case QuorumStateError::missing_field:
      return "a field is missing, of the wrong type or out of range";
    case QuorumStateError::unknown_version: return "its data_version is unknown";
  }
  return "unknown error";
}

std::string encode_quorum_state(const QuorumState& state) {
  Json json;
  if (state.data_version == 0) json["clusterId"] = "";
  json["leaderId"] = state.leader.value();
  json["leaderEpoch"] = state.leader_epoch.value();
  json["votedId"] = state.voted.value();
  if (state.data_version == 0) {
    json["appliedOffset"] = 0;
    Json voters = Json::array();
    for (const BrokerId voter : state.voters) voters.push_back(Json{{"voterId", voter.value()}});
    json["currentVoters"] = std::move(voters);
  } else {
    json["votedDirectoryId"] = state.voted_directory.to_string();
  }
  json["data_version"] = state.data_version;
  return json.dump();
}

Result<QuorumState, QuorumStateError> decode_quorum_state(std::string_view text) {
  // Kafka reads the first line.
  const Json json =
      Json::parse(text.substr(0, text.find('\n')), nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return failure(QuorumStateError::not_json);
  const auto version = integer(json, "data_version");
  if (!version) return failure(QuorumStateError::missing_field);
  if (*version != 0 && *version != 1) return failure(QuorumStateError::unknown_version);

  const auto leader = integer(json, "leaderId");
  const auto epoch = integer(json, "leaderEpoch");
  const auto voted = integer(json, "votedId");
  if (!leader || !epoch || !voted) return failure(QuorumStateError::missing_field);

  QuorumState state{.data_version = static_cast<std::int16_t>(*version),
                    .leader = BrokerId{*leader},
                    .leader_epoch = LeaderEpoch{*epoch},
                    .voted = BrokerId{*voted},
                    .voted_directory = {},
                    .voters = {}};
  if (*version == 0) {
    auto voters = read_voters(json);
    if (!voters) return failure(QuorumStateError::missing_field);
    state.voters = std::move(*voters);
  } else {
    const auto directory = read_directory(json);
    if (!directory) return failure(QuorumStateError::missing_field);
    state.voted_directory = *directory;
  }
  return state;
}

}  // namespace ottla::raft
