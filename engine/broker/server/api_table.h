// The one table of what a node serves: it dispatches, and ApiVersions answers from it, so what is
// advertised is what is served.
//
//   constexpr std::array broker_apis{
//       serve<BrokerNode, protocol::HeartbeatRequest, handle_heartbeat>(0, 4), ...};
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "engine/base/byte_reader.h"
#include "engine/broker/server/request_context.h"
#include "engine/protocol/api_key.h"

namespace ottla::broker {

// A decoded request with what is needed to answer it.
template <class Body>
struct Request {
  const RequestContext& context;
  Body body;
};

template <class Owner>
struct ApiEntry {
  protocol::ApiKey key;
  ApiVersion min;
  ApiVersion max;
  // Advertised from here although lower versions than `min` are refused (KAFKA-18659); equal to min
  // otherwise.
  ApiVersion advertised_min;
  // False when the body does not decode.
  bool (*handle)(Owner&, const RequestContext&, ByteReader&);
};

template <class Owner, class Body, auto Handler>
bool decode_and_handle(Owner& owner, const RequestContext& context, ByteReader& reader) {
  auto body = Body::decode(reader, context.head.version);
  if (!body) return false;
  Handler(owner, Request<Body>{context, *std::move(body)});
  return true;
}

// An entry for versions [min, max] of the API that `Body` is the request of.
template <class Owner, class Body, auto Handler>
constexpr ApiEntry<Owner> serve(std::int16_t min, std::int16_t max) {
  return {Body::api_key, ApiVersion{min}, ApiVersion{max}, ApiVersion{min},
          &decode_and_handle<Owner, Body, Handler>};
}
template <class Owner, class Body, auto Handler>
constexpr ApiEntry<Owner> serve_advertised_from(std::int16_t advertised, std::int16_t min,
                                                std::int16_t max) {
  ApiEntry<Owner> entry = serve<Owner, Body, Handler>(min, max);
  entry.advertised_min = ApiVersion{advertised};
  return entry;
}

// The entry that serves `key`, or null.
template <class Owner>
const ApiEntry<Owner>* find_api(std::span<const ApiEntry<Owner>> table, protocol::ApiKey key) {
  const auto at =
      std::find_if(table.begin(), table.end(), [&](const auto& entry) { return entry.key == key; });
  return at == table.end() ? nullptr : &*at;
}

// Runs the handler for a request; false when the table does not serve it or its body is malformed.
template <class Owner>
bool dispatch(std::span<const ApiEntry<Owner>> table, Owner& owner, const RequestContext& context,
              ByteReader& body) {
  const ApiEntry<Owner>* entry = find_api(table, context.head.key);
  if (entry == nullptr) return false;
  const bool served = entry->min <= context.head.version && context.head.version <= entry->max;
  return served && entry->handle(owner, context, body);
}

}  // namespace ottla::broker
