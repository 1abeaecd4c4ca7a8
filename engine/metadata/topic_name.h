// Which topic names Kafka takes (org.apache.kafka.common.internals.Topic), and which two it cannot
// have at once: metrics replace '.' by '_', so names that differ in that alone collide.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ottla::metadata {

inline constexpr std::string_view metadata_topic_name = "__cluster_metadata";

// Kafka's message why `name` is not a topic's name; nothing when it is one.
[[nodiscard]] std::optional<std::string> refuse_topic_name(std::string_view name);
// The name with every '.' replaced by '_': equal for names that collide.
[[nodiscard]] std::string collision_form(std::string_view name);
[[nodiscard]] bool has_collision_characters(std::string_view name);
// __consumer_offsets, __transaction_state and __share_group_state.
[[nodiscard]] bool is_internal_topic(std::string_view name);

}  // namespace ottla::metadata
