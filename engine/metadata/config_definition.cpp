#include "engine/metadata/config_definition.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "engine/metadata/java_double.h"
#include "engine/metadata/offset_reset.h"

namespace ottla::metadata {

namespace {

using Validator = ConfigDefinition::Validator;

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string invalid(const ConfigDefinition& definition, std::string_view value,
                    std::string_view why) {
  return fmt::format("Invalid value {} for configuration {}: {}", value, definition.name, why);
}

constexpr int own_level = -1;

std::string number_text(double number, ConfigType type) {
  if (type == ConfigType::float64) return java_double_text(number);
  return fmt::format("{}", static_cast<std::int64_t>(number));
}

// A bound is written as the table has it, whatever the type.
std::string bound_text(double bound) {
  return bound == std::floor(bound) ? fmt::format("{}", static_cast<std::int64_t>(bound))
                                    : fmt::format("{}", bound);
}

bool is_choice(std::string_view choices, std::string_view value) {
  const auto all = list_items(choices);
  return std::find(all.begin(), all.end(), value) != all.end();
}

std::optional<std::string> refuse_number(const ConfigDefinition& definition, double number) {
  const Validator& valid = definition.validator;
  const std::string shown = number_text(number, definition.type);
  if (valid.kind == Validator::Kind::level) {
    if (number == own_level || (number >= valid.min && number <= valid.max)) return std::nullopt;
    return invalid(definition, shown,
                   fmt::format("Value must be between {} and {} or equal to {}", valid.min,
                               valid.max, own_level));
  }
  const bool bounded_below =
      valid.kind == Validator::Kind::at_least || valid.kind == Validator::Kind::between;
  if (bounded_below && number < valid.min) {
    return invalid(definition, shown, "Value must be at least " + bound_text(valid.min));
  }
  if (valid.kind == Validator::Kind::between && number > valid.max) {
    return invalid(definition, shown, "Value must be no more than " + bound_text(valid.max));
  }
  return std::nullopt;
}

std::string_view type_name(ConfigType type) {
  switch (type) {
    case ConfigType::int16: return "SHORT";
    case ConfigType::int32: return "INT";
    case ConfigType::int64: return "LONG";
    case ConfigType::float64: return "DOUBLE";
    default: return "STRING";
  }
}

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// ThrottledReplicaListValidator: "([0-9]+:[0-9]+)?".
bool is_throttled_replica(std::string_view item) {
  const auto colon = item.find(':');
  return item.empty() || (colon != std::string_view::npos && is_digits(item.substr(0, colon)) &&
                          is_digits(item.substr(colon + 1)));
}

std::optional<std::string> refuse_list(const ConfigDefinition& definition, std::string_view value) {
  const auto items = list_items(value);
  if (definition.validator.kind == Validator::Kind::throttled_replicas) {
    const bool all = items.size() == 1 && items[0] == "*";
    if (all || std::all_of(items.begin(), items.end(), is_throttled_replica)) return std::nullopt;
    return invalid(
        definition, fmt::format("[{}]", fmt::join(items, ", ")),
        fmt::format("{} must be the literal '*' or a list of replicas in the following format: "
                    "[partitionId]:[brokerId],[partitionId]:[brokerId],...",
                    definition.name));
  }
  if (definition.validator.kind != Validator::Kind::list_of) return std::nullopt;
  for (const std::string& item : items) {
    if (!is_choice(definition.validator.choices, item)) {
      return invalid(
          definition, item,
          "String must be one of: " +
              fmt::format("{}", fmt::join(list_items(definition.validator.choices), ", ")));
    }
  }
  return std::nullopt;
}

std::optional<std::string> refuse_text(const ConfigDefinition& definition, std::string_view value) {
  const Validator& valid = definition.validator;
  if (valid.kind == Validator::Kind::one_of && !is_choice(valid.choices, value)) {
    return invalid(
        definition, value,
        fmt::format("String must be one of: {}", fmt::join(list_items(valid.choices), ", ")));
  }
  if (valid.kind == Validator::Kind::offset_reset && !is_offset_reset(value)) {
    return invalid(definition, value,
                   fmt::format("Invalid value `{}` for configuration {}. The value must be either "
                               "'earliest', 'latest' or of the format "
                               "'by_duration:<PnDTnHnMn.nS>'.",
                               value, definition.name));
  }
  return std::nullopt;
}

// There are no classes but those that the table names.
std::optional<std::string> refuse_class(const ConfigDefinition& definition,
                                        std::string_view value) {
  const Validator& valid = definition.validator;
  if (valid.kind != Validator::Kind::one_of || is_choice(valid.choices, value)) return std::nullopt;
  return invalid(definition, value, fmt::format("Class {} could not be found.", value));
}

}  // namespace

std::optional<std::int64_t> parse_integer(ConfigType type, std::string_view value) {
  switch (type) {
    case ConfigType::int16: return parse_number<std::int16_t>(value);
    case ConfigType::int32: return parse_number<std::int32_t>(value);
    default: return parse_number<std::int64_t>(value);
  }
}

std::optional<double> parse_real(std::string_view value) {
  const auto number = parse_java_double(value);
  return number && std::isfinite(*number) ? number : std::nullopt;
}

std::optional<bool> parse_boolean(std::string_view value) {
  value = trimmed(value);
  const auto is = [value](std::string_view word) {
    return std::equal(value.begin(), value.end(), word.begin(), word.end(), [](char a, char b) {
      return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b;
    });
  };
  if (is("true")) return true;
  if (is("false")) return false;
  return std::nullopt;
}

std::string understood(const ConfigDefinition& definition, std::string_view value) {
  switch (definition.type) {
    case ConfigType::boolean:
      if (const auto truth = parse_boolean(value)) return *truth ? "true" : "false";
      break;
    case ConfigType::int16:
    case ConfigType::int32:
    case ConfigType::int64:
      if (const auto number = parse_integer(definition.type, value)) return std::to_string(*number);
      break;
    case ConfigType::float64:
      if (const auto number = parse_java_double(value)) return java_double_text(*number);
      break;
    case ConfigType::list: return fmt::format("{}", fmt::join(list_items(value), ","));
    case ConfigType::string: return std::string(trimmed(value));
    default: break;
  }
  return std::string(value);
}

std::optional<std::string> refusal(const ConfigDefinition& definition, std::string_view value) {
  const auto not_a_number = [&] {
    return invalid(definition, value,
                   fmt::format("Not a number of type {}", type_name(definition.type)));
  };
  switch (definition.type) {
    case ConfigType::boolean:
      if (parse_boolean(value)) return std::nullopt;
      return invalid(definition, value, "Expected value to be either true or false");
    case ConfigType::int16:
    case ConfigType::int32:
    case ConfigType::int64: {
      const auto number = parse_integer(definition.type, value);
      return number ? refuse_number(definition, static_cast<double>(*number)) : not_a_number();
    }
    case ConfigType::float64: {
      const auto number = parse_java_double(value);
      return number ? refuse_number(definition, *number) : not_a_number();
    }
    case ConfigType::list: return refuse_list(definition, value);
    case ConfigType::string: return refuse_text(definition, trimmed(value));
    case ConfigType::class_name: return refuse_class(definition, value);
    default: return std::nullopt;
  }
}

}  // namespace ottla::metadata
