// The ids of the Kafka domain, spelled as Kafka spells them, with Kafka's "none" values.
#pragma once

#include <cstdint>

#include "engine/base/strong_id.h"

namespace ottla {

using BrokerId = StrongId<struct BrokerIdTag, std::int32_t>;  // Brokers and controllers: node.id.
using PartitionIndex = StrongId<struct PartitionIndexTag, std::int32_t>;
using Offset = StrongId<struct OffsetTag, std::int64_t>;
using LeaderEpoch = StrongId<struct LeaderEpochTag, std::int32_t>;
using PartitionEpoch = StrongId<struct PartitionEpochTag, std::int32_t>;
using BrokerEpoch = StrongId<struct BrokerEpochTag, std::int64_t>;
using ProducerId = StrongId<struct ProducerIdTag, std::int64_t>;
using ProducerEpoch = StrongId<struct ProducerEpochTag, std::int16_t>;
using GenerationId = StrongId<struct GenerationIdTag, std::int32_t>;
using ApiVersion = StrongId<struct ApiVersionTag, std::int16_t>;
using CorrelationId = StrongId<struct CorrelationIdTag, std::int32_t>;

inline constexpr BrokerId no_broker{-1};
inline constexpr Offset no_offset{-1};
inline constexpr LeaderEpoch no_leader_epoch{-1};
inline constexpr BrokerEpoch no_broker_epoch{-1};
inline constexpr ProducerId no_producer_id{-1};
inline constexpr ProducerEpoch no_producer_epoch{-1};

}  // namespace ottla
