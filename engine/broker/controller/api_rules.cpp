#include "engine/broker/controller/api_rules.h"

namespace ottla::broker {

using protocol::ApiKey;

bool is_forwardable(ApiKey key) {
  switch (key) {
    case ApiKey::create_topics:
    case ApiKey::delete_topics:
    case ApiKey::create_partitions:
    case ApiKey::elect_leaders:
    case ApiKey::alter_configs:
    case ApiKey::incremental_alter_configs:
    case ApiKey::alter_partition_reassignments:
    case ApiKey::list_partition_reassignments:
    case ApiKey::alter_client_quotas:
    case ApiKey::update_features:
    case ApiKey::describe_quorum:
    case ApiKey::unregister_broker:
    case ApiKey::add_raft_voter:
    case ApiKey::remove_raft_voter: return true;
    default: return false;
  }
}

bool is_exempt(ApiKey key) {
  switch (key) {
    case ApiKey::fetch:
    case ApiKey::fetch_snapshot:
    case ApiKey::vote:
    case ApiKey::begin_quorum_epoch:
    case ApiKey::end_quorum_epoch:
    case ApiKey::describe_quorum:
    case ApiKey::add_raft_voter:
    case ApiKey::remove_raft_voter:
    case ApiKey::update_raft_voter:
    case ApiKey::alter_partition: return true;
    default: return false;
  }
}

}  // namespace ottla::broker
