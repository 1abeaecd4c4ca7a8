// The validators that the tables of configs are written with.
#pragma once

#include <string_view>

#include "engine/metadata/config_definition.h"

namespace ottla::metadata::valid {

using Validator = ConfigDefinition::Validator;

constexpr Validator any() {
  return {};
}
constexpr Validator at_least(double min) {
  return {Validator::Kind::at_least, min, 0, {}};
}
constexpr Validator between(double min, double max) {
  return {Validator::Kind::between, min, max, {}};
}
constexpr Validator level(double min, double max) {
  return {Validator::Kind::level, min, max, {}};
}
// Separated by ','.
constexpr Validator one_of(std::string_view choices) {
  return {Validator::Kind::one_of, 0, 0, choices};
}
constexpr Validator list_of(std::string_view choices) {
  return {Validator::Kind::list_of, 0, 0, choices};
}
constexpr Validator throttled_replicas() {
  return {Validator::Kind::throttled_replicas, 0, 0, {}};
}

constexpr Validator offset_reset() {
  return {Validator::Kind::offset_reset, 0, 0, {}};
}

}  // namespace ottla::metadata::valid
