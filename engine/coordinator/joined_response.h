// The answer to a JoinGroup that succeeded; the leader's carries the members and their metadata.
#pragma once

#include <string>

#include "engine/coordinator/classic_group.h"
#include "engine/protocol/messages/join_group_response.h"

namespace ottla::coordinator {

[[nodiscard]] protocol::JoinGroupResponse joined_response(const ClassicGroup& group,
                                                          const std::string& member_id);

}  // namespace ottla::coordinator
