// What Kafka says of one configuration: name, type, default, which values are valid, in what words.
// The tables of topic_config.h and broker_config.h are made of these; CreateTopics and AlterConfigs
// validate by them and DescribeConfigs shows them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/metadata/config_text.h"

namespace ottla::metadata {

// org.apache.kafka.common.requests.DescribeConfigsResponse.ConfigType.
enum class ConfigType : std::int8_t {
  unknown = 0,
  boolean = 1,
  string = 2,
  int32 = 3,
  int16 = 4,
  int64 = 5,
  float64 = 6,
  list = 7,
  class_name = 8,
  password = 9,
};

// DescribeConfigsResponse.ConfigSource.
enum class ConfigSource : std::int8_t {
  unknown = 0,
  dynamic_topic = 1,
  dynamic_broker = 2,
  dynamic_default_broker = 3,
  static_broker = 4,
  default_value = 5,
  dynamic_broker_logger = 6,
  client_metrics = 7,
  dynamic_group = 8,
};

struct ConfigDefinition {
  // Which values are right, beyond the type.
  struct Validator {
    enum class Kind : std::uint8_t {
      any,
      at_least,  // min
      between,   // min..max
      level,     // min..max, or -1 for the codec's own
      one_of,    // choices, separated by ','
      list_of,   // a list whose items are among choices
      throttled_replicas,
      offset_reset,  // offset_reset.h
    } kind = Kind::any;
    double min = 0;
    double max = 0;
    std::string_view choices{};
  };

  std::string_view name;
  ConfigType type;
  std::optional<std::string_view> default_value;  // As DescribeConfigs prints it.
  Validator validator{};
  std::string_view documentation;
  // For a topic's config: the broker's that gives its default, and by how much to multiply that.
  struct BrokerSynonym {
    std::string_view name;
    std::int64_t to_topic_unit = 1;
  };
  std::span<const BrokerSynonym> broker_synonyms{};
  bool sensitive = false;
  bool read_only = false;  // For a broker's config: not dynamic.
  bool internal = false;   // Not shown.
};

// Why `value` is not one for `definition`, in Kafka's words ("Invalid value x for configuration y:
// ..."); nothing when it is fine.
[[nodiscard]] std::optional<std::string> refusal(const ConfigDefinition& definition,
                                                 std::string_view value);

// What Kafka understands `value` as, written as it prints that: " +7 " is "7", "TRUE" is "true",
// ".5f" is "0.5", " a , b " is "a,b". What is not right stays as it is.
[[nodiscard]] std::string understood(const ConfigDefinition& definition, std::string_view value);

// The number that `value` is, if it is one of `type` (int16, int32, int64).
[[nodiscard]] std::optional<std::int64_t> parse_integer(ConfigType type, std::string_view value);
// Nothing where the value is not a finite number.
[[nodiscard]] std::optional<double> parse_real(std::string_view value);
[[nodiscard]] std::optional<bool> parse_boolean(std::string_view value);

}  // namespace ottla::metadata
