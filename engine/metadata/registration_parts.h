// What a broker's and a controller's registration have in common.
#pragma once

namespace ottla::metadata {

// Takes listeners and features of a request over into its record.
template <class Record, class Request>
void take_endpoints_and_features(Record& record, const Request& request) {
  for (const auto& listener : request.listeners) {
    auto& endpoint = record.end_points.emplace_back();
    endpoint.name = listener.name;
    endpoint.host = listener.host;
    endpoint.port = listener.port;
    endpoint.security_protocol = listener.security_protocol;
  }
  for (const auto& offered : request.features) {
    auto& feature = record.features.emplace_back();
    feature.name = offered.name;
    feature.min_supported_version = offered.min_supported_version;
    feature.max_supported_version = offered.max_supported_version;
  }
}

}  // namespace ottla::metadata
