#include "engine/world/sim_network.h"

#include <algorithm>
#include <vector>

#include "engine/base/assert.h"
#include "engine/base/big_endian.h"
#include "engine/protocol/records/chain_front.h"

namespace ottla::world {
namespace {

constexpr std::size_t handshake_bytes = 60;     // A TCP segment without data.
constexpr std::size_t length_prefix_bytes = 4;  // Before each of Kafka's frames.
constexpr std::size_t requests_remembered_max = 64;

// When TCP sends again what it could not since `since`: its timeout doubles from one attempt to the
// next.
Instant next_attempt(Instant since, Instant now, const Retransmission& retransmission) {
  Duration timeout = retransmission.timeout;
  Instant attempt = since + timeout;
  while (attempt < now) {
    timeout = std::min(timeout * 2, retransmission.timeout_max);
    attempt += timeout;
  }
  return attempt;
}

}  // namespace

SimNetwork::SimNetwork(NetworkHost& host, EventHeap& events, std::uint64_t seed, NetworkSpec spec)
    : host_(host), events_(events), seed_(seed), spec_(spec) {
  places_.emplace(outside, NetworkPlace{"outside", "127.0.0.1", ""});
}

void SimNetwork::add_process(ProcessId process, NetworkPlace place) {
  places_.emplace(process, std::move(place));
}

bool SimNetwork::listen(ProcessId process, const Endpoint& endpoint) {
  return listeners_.emplace(endpoint, process).second;
}

const SimNetwork::Listeners::value_type* SimNetwork::listener_at(const Endpoint& endpoint) const {
  const auto found = listeners_.find(endpoint);
  return found == listeners_.end() ? nullptr : &*found;
}

LinkSpec SimNetwork::spec_between(ProcessId from, ProcessId to) const {
  if (from == outside || to == outside) {
    return {.latency = Duration(), .jitter = {}, .bandwidth_bytes_per_s = 0, .loss = 0};
  }
  const NetworkPlace& a = places_.at(from);
  const NetworkPlace& b = places_.at(to);
  if (a.host == b.host) return spec_.same_host;
  return a.zone == b.zone ? spec_.same_zone : spec_.between_zones;
}

Link& SimNetwork::link_between(ProcessId from, ProcessId to) {
  const auto found = links_.find({from, to});
  if (found != links_.end()) return found->second;
  Prng prng = Prng::split(seed_, "link:" + places_.at(from).name + ">" + places_.at(to).name);
  return links_.emplace(std::pair(from, to), Link(from, to, spec_between(from, to), prng))
      .first->second;
}

const Link& SimNetwork::link(ProcessId from, ProcessId to) {
  return link_between(from, to);
}

SimNetwork::Connection& SimNetwork::make_connection(ProcessId from, EndState from_state,
                                                    ProcessId to, EndState to_state) {
  const std::uint64_t number = next_number_++;
  Connection& connection = connections_[number];
  connection.number = number;
  connection.ends = {End{from, from_state}, End{to, to_state}};
  connection.streams[0].link = &link_between(from, to);
  connection.streams[1].link = &link_between(to, from);
  return connection;
}

SimNetwork::Connection* SimNetwork::find_open(ProcessId process, ConnectionId id) {
  const auto found = connections_.find(id.value() / 2);
  if (found == connections_.end()) return nullptr;
  const End& end = found->second.ends[id.value() % 2];
  const bool in_use = end.state == EndState::open || end.state == EndState::opening;
  return in_use && end.process == process ? &found->second : nullptr;
}

ConnectionId SimNetwork::connect(ProcessId from, const Endpoint& to) {
  const auto* listener = listener_at(to);
  if (listener == nullptr) {
    // Nobody ever listens there: the name does not resolve, which is known without asking another
    // machine.
    Connection& refused = make_connection(from, EndState::opening, from, EndState::closed);
    transmit(refused, 1, {.kind = Segment::Kind::close});
    return id_of(refused, 0);
  }
  Connection& connection =
      make_connection(from, EndState::opening, listener->second, EndState::awaiting_syn);
  connection.listener = &listener->first;
  connection.setup_timeout =
      events_.schedule(host_.now() + spec_.connect_timeout,
                       [this, number = connection.number] { on_setup_timeout(number); });
  transmit(connection, 0, {.kind = Segment::Kind::syn});
  return id_of(connection, 0);
}

ConnectionId SimNetwork::open_external(const Endpoint& to) {
  const auto* listener = listener_at(to);
  if (listener == nullptr || host_.host_state(listener->second) != HostState::listening) {
    Connection& refused = make_connection(outside, EndState::open, outside, EndState::closed);
    transmit(refused, 1, {.kind = Segment::Kind::close});
    return id_of(refused, 0);
  }
  Connection& connection =
      make_connection(outside, EndState::open, listener->second, EndState::opening);
  connection.listener = &listener->first;
  transmit(connection, 0, {.kind = Segment::Kind::ack});
  return id_of(connection, 0);
}

void SimNetwork::send(ProcessId from, ConnectionId id, ByteChain frame) {
  Connection* connection = find_open(from, id);
  const Side side = id.value() % 2;
  if (connection == nullptr || connection->ends[side].state != EndState::open) return;
  const std::int16_t api_key = api_key_of(*connection, side, frame);
  connection->streams[side].link->count(frame.size() + length_prefix_bytes, api_key);
  transmit(*connection, side,
           {.kind = Segment::Kind::data, .frame = std::move(frame), .api_key = api_key});
}

void SimNetwork::close(ProcessId from, ConnectionId id) {
  Connection* connection = find_open(from, id);
  if (connection == nullptr) return;
  const Side side = id.value() % 2;
  connection->ends[side].state = EndState::closed;
  if (side == 0) events_.cancel(connection->setup_timeout);
  transmit(*connection, side, {.kind = Segment::Kind::close});
  erase_if_over(*connection);
}

void SimNetwork::transmit(Connection& connection, Side from, Segment segment) {
  Stream& stream = connection.streams[from];
  if (!stream.stalled_since && stream.link->is_cut() && stream.segments.empty()) {
    stream.stalled_since = host_.now();
  }
  if (!stream.stalled_since) put_on_wire(connection, from, segment, host_.now());
  stream.segments.push_back(std::move(segment));
  if (!stream.stalled_since && stream.segments.size() == 1) schedule_first(connection, from);
}

void SimNetwork::put_on_wire(Connection& connection, Side from, Segment& segment, Instant at) {
  Stream& stream = connection.streams[from];
  const bool data = segment.kind == Segment::Kind::data;
  const std::size_t bytes = data ? segment.frame.size() + length_prefix_bytes : handshake_bytes;
  const Instant arrives = stream.link->transmit(at, bytes, spec_.retransmission);
  stream.last_arrival = std::max(arrives, stream.last_arrival);
  segment.arrives_at = stream.last_arrival;
  if (!data) return;
  recent_.add({.from = stream.link->from(),
               .to = stream.link->to(),
               .connection = id_of(connection, from),
               .api_key = segment.api_key,
               .response = from == 1,
               .sent_at = at,
               .arrives_at = segment.arrives_at,
               .bytes = bytes});
}

// Erasing a connection cancels its arrivals.
void SimNetwork::schedule_first(Connection& connection, Side from) {
  Stream& stream = connection.streams[from];
  stream.arrival = events_.schedule(stream.segments.front().arrives_at,
                                    [this, &connection, from] { on_arrival(connection, from); });
}

void SimNetwork::retransmit(Connection& connection, Side from) {
  Stream& stream = connection.streams[from];
  OTTLA_ASSERT(stream.stalled_since && !stream.segments.empty());
  const Instant at = next_attempt(*stream.stalled_since, host_.now(), spec_.retransmission);
  stream.stalled_since.reset();
  for (Segment& segment : stream.segments) put_on_wire(connection, from, segment, at);
  schedule_first(connection, from);
}

void SimNetwork::on_arrival(Connection& connection, Side from) {
  Stream& stream = connection.streams[from];
  const ProcessId receiver = connection.ends[1 - from].process;
  if (stream.link->is_cut() || host_.host_state(receiver) == HostState::powered_off) {
    stream.stalled_since = host_.now();
    return;
  }
  Segment segment = std::move(stream.segments.front());
  stream.segments.pop_front();
  if (!stream.segments.empty()) schedule_first(connection, from);
  arrive(connection, from, std::move(segment));
}

// In each of these the connection is brought into its new state before the process hears of it,
// because the process may act on it, or end it, at once.

void SimNetwork::arrive(Connection& connection, Side from, Segment segment) {
  const Side receiver = 1 - from;
  if (connection.ends[receiver].state == EndState::vanished) {
    // The machine is back and knows nothing of this connection.
    connection.ends[receiver].state = EndState::closed;
    if (segment.kind != Segment::Kind::close) {
      transmit(connection, receiver, {.kind = Segment::Kind::close});
    }
    return erase_if_over(connection);
  }
  switch (segment.kind) {
    case Segment::Kind::syn: return on_syn(connection);
    case Segment::Kind::syn_ack: return on_syn_ack(connection);
    case Segment::Kind::ack: {
      if (connection.ends[1].state != EndState::opening) return;
      connection.ends[1].state = EndState::open;
      return host_.deliver(connection.ends[1].process, {.kind = Delivery::Kind::accepted,
                                                        .connection = id_of(connection, 1),
                                                        .peer = connection.ends[0].process,
                                                        .listener = connection.listener});
    }
    case Segment::Kind::data: return on_data(connection, from, std::move(segment.frame));
    case Segment::Kind::close: return on_close(connection, from);
  }
}

void SimNetwork::on_syn(Connection& connection) {
  if (host_.host_state(connection.ends[1].process) == HostState::listening) {
    connection.ends[1].state = EndState::opening;
    return transmit(connection, 1, {.kind = Segment::Kind::syn_ack});
  }
  connection.ends[1].state = EndState::closed;
  transmit(connection, 1, {.kind = Segment::Kind::close});
}

void SimNetwork::on_syn_ack(Connection& connection) {
  if (connection.ends[0].state != EndState::opening) return;
  connection.ends[0].state = EndState::open;
  events_.cancel(connection.setup_timeout);
  transmit(connection, 0, {.kind = Segment::Kind::ack});
  host_.deliver(connection.ends[0].process,
                {.kind = Delivery::Kind::connected, .connection = id_of(connection, 0)});
}

void SimNetwork::on_data(Connection& connection, Side from, ByteChain frame) {
  const Side receiver = 1 - from;
  if (connection.ends[receiver].state != EndState::open) return;
  host_.deliver(connection.ends[receiver].process, {.kind = Delivery::Kind::message,
                                                    .connection = id_of(connection, receiver),
                                                    .frame = std::move(frame)});
}

void SimNetwork::on_close(Connection& connection, Side from) {
  const Side receiver = 1 - from;
  End& end = connection.ends[receiver];
  // A listener's side that is still opening was never shown to its process.
  const bool known =
      end.state == EndState::open || (receiver == 0 && end.state == EndState::opening);
  const ProcessId process = end.process;
  const ConnectionId id = id_of(connection, receiver);
  end.state = EndState::closed;
  if (receiver == 0) events_.cancel(connection.setup_timeout);
  erase_if_over(connection);
  if (known) host_.deliver(process, {.kind = Delivery::Kind::closed, .connection = id});
}

void SimNetwork::on_setup_timeout(std::uint64_t number) {
  Connection& connection = connections_.at(number);
  OTTLA_ASSERT(connection.ends[0].state == EndState::opening);
  const ProcessId process = connection.ends[0].process;
  const ConnectionId id = id_of(connection, 0);
  connection.ends[0].state = EndState::closed;
  transmit(connection, 0, {.kind = Segment::Kind::close});
  erase_if_over(connection);
  host_.deliver(process, {.kind = Delivery::Kind::closed, .connection = id});
}

void SimNetwork::erase_if_over(Connection& connection) {
  const auto over = [](const End& end) {
    return end.state == EndState::closed || end.state == EndState::vanished ||
           end.state == EndState::awaiting_syn;
  };
  if (over(connection.ends[0]) && over(connection.ends[1])) erase(connection);
}

void SimNetwork::erase(Connection& connection) {
  events_.cancel(connection.setup_timeout);
  for (Stream& stream : connection.streams) events_.cancel(stream.arrival);
  connections_.erase(connection.number);
}

void SimNetwork::on_process_gone(ProcessId process, bool power_lost) {
  for (auto next = connections_.begin(); next != connections_.end();) {
    Connection& connection = next->second;
    ++next;  // The connection may be erased.
    for (const Side side : {Side{0}, Side{1}}) {
      End& end = connection.ends[side];
      if (end.process != process) continue;
      if (end.state != EndState::open && end.state != EndState::opening) continue;
      if (side == 0) events_.cancel(connection.setup_timeout);
      end.state = power_lost ? EndState::vanished : EndState::closed;
      // What had not left the machine is gone with its memory.
      Stream& stream = connection.streams[side];
      if (power_lost && stream.stalled_since) {
        stream.segments.clear();
        stream.stalled_since.reset();
      }
      if (!power_lost) transmit(connection, side, {.kind = Segment::Kind::close});
    }
    erase_if_over(connection);
  }
}

void SimNetwork::on_process_started(ProcessId process) {
  for (auto& [number, connection] : connections_) {
    for (const Side from : {Side{0}, Side{1}}) {
      const Stream& stream = connection.streams[from];
      const bool waits = connection.ends[1 - from].process == process && stream.stalled_since;
      if (waits && !stream.link->is_cut()) retransmit(connection, from);
    }
  }
}

std::vector<MessageOnWire> SimNetwork::stalled_messages(std::size_t count_max) const {
  std::vector<MessageOnWire> stalled;
  for (const auto& [number, connection] : connections_) {
    for (const Side from : {Side{0}, Side{1}}) {
      const Stream& stream = connection.streams[from];
      if (!stream.stalled_since || !stream.link->is_cut()) continue;
      for (const Segment& segment : stream.segments) {
        if (segment.kind != Segment::Kind::data) continue;
        if (stalled.size() == count_max) return stalled;
        stalled.push_back({.from = stream.link->from(),
                           .to = stream.link->to(),
                           .connection = id_of(connection, from),
                           .api_key = segment.api_key,
                           .response = from == 1,
                           .sent_at = *stream.stalled_since,
                           .arrives_at = *stream.stalled_since,
                           .bytes = segment.frame.size() + length_prefix_bytes});
      }
    }
  }
  return stalled;
}

void SimNetwork::cut(ProcessId from, ProcessId to) {
  link_between(from, to).set_cut(true);
}

void SimNetwork::heal(ProcessId from, ProcessId to) {
  Link& link = link_between(from, to);
  link.set_cut(false);
  for (auto& [number, connection] : connections_) {
    for (const Side side : {Side{0}, Side{1}}) {
      const Stream& stream = connection.streams[side];
      if (stream.link == &link && stream.stalled_since) retransmit(connection, side);
    }
  }
}

void SimNetwork::set_link(ProcessId from, ProcessId to, const std::optional<LinkSpec>& spec) {
  link_between(from, to).set_spec(spec.value_or(spec_between(from, to)));
}

void SimNetwork::reset(ProcessId a, ProcessId b) {
  std::vector<std::pair<ProcessId, ConnectionId>> told;
  for (auto next = connections_.begin(); next != connections_.end();) {
    Connection& connection = next->second;
    ++next;
    const ProcessId from = connection.ends[0].process;
    const ProcessId to = connection.ends[1].process;
    if (!(from == a && to == b) && !(from == b && to == a)) continue;
    for (const Side side : {Side{0}, Side{1}}) {
      const EndState state = connection.ends[side].state;
      if (state == EndState::open || (side == 0 && state == EndState::opening)) {
        told.emplace_back(connection.ends[side].process, id_of(connection, side));
      }
    }
    erase(connection);
  }
  for (const auto& [process, id] : told) {
    host_.deliver(process, {.kind = Delivery::Kind::closed, .connection = id});
  }
}

std::int16_t SimNetwork::api_key_of(Connection& connection, Side from, const ByteChain& frame) {
  Bytes gathered;
  const auto head = protocol::ChainFront(frame).peek(8, gathered);
  if (from == 0) {
    if (head.size() < 8) return -1;
    const auto api_key = load_big_endian<std::int16_t>(head.data());
    const auto correlation_id = load_big_endian<std::int32_t>(head.data() + 4);
    if (connection.requests.size() >= requests_remembered_max) connection.requests.pop_front();
    connection.requests.push_back({correlation_id, api_key});
    return api_key;
  }
  // Responses come in the order of their requests; those without one are passed over.
  if (head.size() < 4) return -1;
  const auto correlation_id = load_big_endian<std::int32_t>(head.data());
  while (!connection.requests.empty()) {
    const RequestOnWire request = connection.requests.front();
    connection.requests.pop_front();
    if (request.correlation_id == correlation_id) return request.api_key;
  }
  return -1;
}

}  // namespace ottla::world
