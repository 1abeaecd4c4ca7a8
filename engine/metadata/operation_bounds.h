// How much one request of a client may make the controller write. More is refused as a whole, and
// nothing is done (Kafka's QuorumController.MAX_RECORDS_PER_USER_OP and
// ReplicationControlManager.MAX_PARTITIONS_PER_BATCH).
#pragma once

#include "engine/metadata/controller_result.h"

namespace ottla::metadata {

inline constexpr std::size_t max_records_per_operation = 10'000;
inline constexpr std::int64_t max_partitions_per_request = 10'000;

// A client's request has been decided: refused if it writes too much; not written where it was only
// to be validated.
template <class Response>
void finish_operation(ControllerResult<Response>& result, bool validate_only = false) {
  if (result.records.size() > max_records_per_operation) {
    result.refusal = {protocol::ErrorCode::policy_violation,
                      "Unable to perform excessively large batch operation."};
  }
  if (validate_only || result.refusal.failed()) result.records.clear();
}

}  // namespace ottla::metadata
