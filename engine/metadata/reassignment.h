// AlterPartitionReassignments (v0-v1) and ListPartitionReassignments (v0), as Kafka's
// ReplicationControlManager answers them: every partition by itself, in the order asked.
//
// A reassignment is a change record that adds the new replicas to the old ones. Its leader proposes
// them into the in-sync set, by AlterPartition, as they catch up; the proposal that has all of the
// target completes it (partition_change.h).
#pragma once

#include "engine/metadata/controller_result.h"
#include "engine/metadata/image.h"
#include "engine/protocol/messages/alter_partition_reassignments_request.h"
#include "engine/protocol/messages/alter_partition_reassignments_response.h"
#include "engine/protocol/messages/list_partition_reassignments_request.h"
#include "engine/protocol/messages/list_partition_reassignments_response.h"

namespace ottla::metadata {

// A partition without replicas asks to cancel. `settings` are the controller's own properties.
[[nodiscard]] ControllerResult<protocol::AlterPartitionReassignmentsResponse>
alter_partition_reassignments(const Image& image, const ConfigValues& settings,
                              const protocol::AlterPartitionReassignmentsRequest& request);

// Those asked for, or all, that are under way; nothing is said of others, or of unknown ones.
[[nodiscard]] protocol::ListPartitionReassignmentsResponse list_partition_reassignments(
    const Image& image, const protocol::ListPartitionReassignmentsRequest& request);

}  // namespace ottla::metadata
