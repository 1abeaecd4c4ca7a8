// Floating-point numbers in configs, read and written as Java does: Kafka's messages show them so.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ottla::metadata {

// java.lang.Double.parseDouble, without hexadecimal digits: blanks around it are left out, a suffix
// (1.5f, 2d) is taken, and so are NaN, Infinity and -Infinity. Nothing for anything else.
[[nodiscard]] std::optional<double> parse_java_double(std::string_view text);

// java.lang.Double.toString, with the fewest digits that tell the number: "7.0", "2.147483647E9".
[[nodiscard]] std::string java_double_text(double number);

}  // namespace ottla::metadata
