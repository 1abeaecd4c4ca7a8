#include "engine/metadata/java_double.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "engine/metadata/config_text.h"

namespace ottla::metadata {

namespace {

// Between these a number is written without an exponent.
constexpr double plain_min = 1e-3;
constexpr double plain_end = 1e7;

std::string digits_of(double number, std::chars_format format) {
  std::array<char, 64> buffer{};
  const auto [end, error] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, format);
  return error == std::errc{} ? std::string(buffer.data(), end) : std::string();
}

std::string with_fraction(const std::string& digits) {
  return digits.find('.') == std::string::npos ? digits + ".0" : digits;
}

bool is_decimal(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789.eE+-") == std::string_view::npos;
}

std::optional<double> parse_magnitude(std::string_view text) {
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity") return std::numeric_limits<double>::infinity();
  if (!text.empty() && std::string_view("fFdD").find(text.back()) != std::string_view::npos)
    text.remove_suffix(1);
  if (!is_decimal(text) || text.front() == '-' || text.front() == '+') return std::nullopt;
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stopped != end) return std::nullopt;
  return number;
}

}  // namespace

std::optional<double> parse_java_double(std::string_view text) {
  text = trimmed(text);
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const auto magnitude = parse_magnitude(text);
  return magnitude && negative ? -*magnitude : magnitude;
}

std::string java_double_text(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number < 0 ? "-Infinity" : "Infinity";
  const double size = std::abs(number);
  if (size == 0 || (size >= plain_min && size < plain_end))
    return with_fraction(digits_of(number, std::chars_format::fixed));
  const std::string digits = digits_of(number, std::chars_format::scientific);
  const std::size_t at = digits.find('e');
  int exponent = 0;
  const char* first = digits.data() + at + 1;
  if (*first == '+') ++first;
  std::from_chars(first, digits.data() + digits.size(), exponent);
  return fmt::format("{}E{}", with_fraction(digits.substr(0, at)), exponent);
}

}  // namespace ottla::metadata
