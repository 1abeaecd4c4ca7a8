#include "engine/broker/server/client_software.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace ottla::broker {
namespace {

constexpr ApiVersion first_with_software{3};

bool is_valid(const std::string& text) {
  const auto ok = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-';
  };
  const auto edge = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
  return !text.empty() && std::all_of(text.begin(), text.end(), ok) && edge(text.front()) &&
         edge(text.back());
}

}  // namespace

std::optional<std::string> client_software(const protocol::ApiVersionsRequest& request,
                                           ApiVersion version) {
  if (version < first_with_software) return std::string();
  if (!is_valid(request.client_software_name) || !is_valid(request.client_software_version))
    return std::nullopt;
  return fmt::format("{} {}", request.client_software_name, request.client_software_version);
}

}  // namespace ottla::broker
