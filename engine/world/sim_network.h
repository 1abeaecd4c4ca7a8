// TCP between the processes of a world: ordered streams with a handshake, over directed links with
// latency, jitter, bandwidth, loss and cuts. What is sent over a cut link stalls and arrives after
// the link heals, when TCP would next have retransmitted; a connection whose peer's machine lost
// power stays half open until the machine is back and resets it.
//
// A connection has two ids, 2n for the side that connected and 2n+1 for the other, so that a
// process may connect to itself. Flow control is not modelled: senders are bounded by their own
// requests in flight.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/world/delivery.h"
#include "engine/world/event_heap.h"
#include "engine/world/link.h"
#include "engine/world/recent_messages.h"

namespace ottla::world {

struct NetworkSpec {
  LinkSpec same_zone;
  LinkSpec between_zones{.latency = Duration::micros(800), .jitter = {Duration::micros(200)}};
  LinkSpec same_host{
      .latency = Duration::micros(20), .jitter = {}, .bandwidth_bytes_per_s = 0, .loss = 0};
  Duration connect_timeout = Duration::seconds(10);
  Retransmission retransmission;
};

// Where a process is, and how its machine answers.
struct NetworkPlace {
  std::string name;  // Names the random streams of its links.
  std::string host;
  std::string zone;
};
enum class HostState : std::uint8_t {
  listening,    // The process runs.
  not_running,  // The machine answers for the dead process: connection refused, reset.
  powered_off,  // Nobody answers.
};

// What the network asks of the world it is in.
class NetworkHost {
 public:
  virtual ~NetworkHost() = default;
  [[nodiscard]] virtual Instant now() const = 0;
  [[nodiscard]] virtual HostState host_state(ProcessId process) const = 0;
  // Something arrives at a process, or at `outside`.
  virtual void deliver(ProcessId to, Delivery delivery) = 0;
};

class SimNetwork {
 public:
  SimNetwork(NetworkHost& host, EventHeap& events, std::uint64_t seed, NetworkSpec spec);

  void add_process(ProcessId process, NetworkPlace place);
  // Says who listens at an endpoint, running or not. The first to claim it keeps it.
  bool listen(ProcessId process, const Endpoint& endpoint);

  // The acts of a process; see env::Network.
  [[nodiscard]] ConnectionId connect(ProcessId from, const Endpoint& to);
  void send(ProcessId from, ConnectionId connection, ByteChain frame);
  void close(ProcessId from, ConnectionId connection);
  // A connection from outside: open from the start, without latency; a Delivery::closed follows
  // where nobody listens.
  [[nodiscard]] ConnectionId open_external(const Endpoint& to);
  // What the other side of a connection calls it.
  [[nodiscard]] static ConnectionId other_end(ConnectionId connection) {
    return ConnectionId{connection.value() ^ 1};
  }

  // A process died. Its machine closes its connections, or with `power_lost` says nothing to
  // anybody.
  void on_process_gone(ProcessId process, bool power_lost);
  // A process started; a machine that had lost power answers again.
  void on_process_started(ProcessId process);

  // Faults, each for one direction.
  void cut(ProcessId from, ProcessId to);
  void heal(ProcessId from, ProcessId to);
  // Nothing: back to what such a link is by itself.
  void set_link(ProcessId from, ProcessId to, const std::optional<LinkSpec>& spec);
  // Resets every connection between two processes: both ends see it closed.
  void reset(ProcessId a, ProcessId b);

  [[nodiscard]] const Link& link(ProcessId from, ProcessId to);
  [[nodiscard]] std::string_view host_of(ProcessId process) const {
    return places_.at(process).host;
  }
  // All links that anything was sent over or done to.
  [[nodiscard]] const std::map<std::pair<ProcessId, ProcessId>, Link>& links() const {
    return links_;
  }
  [[nodiscard]] const RecentMessages& recent_messages() const { return recent_; }
  // Up to `count_max` messages that wait for their link to heal, by connection and in order; both
  // times of each are when its stream stalled.
  [[nodiscard]] std::vector<MessageOnWire> stalled_messages(std::size_t count_max) const;
  [[nodiscard]] std::size_t open_connections() const { return connections_.size(); }

 private:
  using Side = std::size_t;  // 0: connected; 1: was connected to.
  enum class EndState : std::uint8_t {
    awaiting_syn,  // The listener's side, before anything came.
    opening,
    open,
    closed,
    vanished,  // Its machine lost power while the connection was open.
  };
  struct End {
    ProcessId process;
    EndState state;
  };
  struct Segment {
    enum class Kind : std::uint8_t { syn, syn_ack, ack, data, close } kind;
    ByteChain frame{};
    std::int16_t api_key = -1;  // Of data, when it could be told.
    Instant arrives_at{};
  };
  // What one side has sent and the other has not yet received, in order.
  struct Stream {
    Link* link = nullptr;
    std::deque<Segment> segments;
    EventId arrival{};                     // Of the first segment, when not stalled.
    Instant last_arrival;                  // Nothing overtakes.
    std::optional<Instant> stalled_since;  // Nothing arrives until retransmit().
  };
  struct RequestOnWire {
    std::int32_t correlation_id;
    std::int16_t api_key;
  };
  struct Connection {
    std::uint64_t number;
    std::array<End, 2> ends;
    std::array<Stream, 2> streams;  // By the side that sends.
    const Endpoint* listener = nullptr;
    EventId setup_timeout{};
    std::deque<RequestOnWire>
        requests;  // Awaiting responses; for telling which API a response is of.
  };

  static ConnectionId id_of(const Connection& connection, Side side) {
    return ConnectionId(connection.number * 2 + side);
  }
  Connection& make_connection(ProcessId from, EndState from_state, ProcessId to, EndState to_state);
  // The connection of which `id` is `process`'s own end, unless it is closed.
  Connection* find_open(ProcessId process, ConnectionId id);
  Link& link_between(ProcessId from, ProcessId to);
  LinkSpec spec_between(ProcessId from, ProcessId to) const;
  using Listeners = std::map<Endpoint, ProcessId>;  // Nobody ever leaves: others point to them.
  const Listeners::value_type* listener_at(const Endpoint& endpoint) const;

  void transmit(Connection& connection, Side from, Segment segment);
  void put_on_wire(Connection& connection, Side from, Segment& segment, Instant at);
  void schedule_first(Connection& connection, Side from);
  void retransmit(Connection& connection, Side from);
  void on_arrival(Connection& connection, Side from);
  void arrive(Connection& connection, Side from, Segment segment);
  void on_syn(Connection& connection);
  void on_syn_ack(Connection& connection);
  void on_data(Connection& connection, Side from, ByteChain frame);
  void on_close(Connection& connection, Side from);
  void on_setup_timeout(std::uint64_t number);
  // Forgets the connection once neither end is in use; `connection` may be gone afterwards.
  void erase_if_over(Connection& connection);
  void erase(Connection& connection);
  std::int16_t api_key_of(Connection& connection, Side from, const ByteChain& frame);

  // Constant after construction.
  NetworkHost& host_;
  EventHeap& events_;
  const std::uint64_t seed_;
  const NetworkSpec spec_;

  std::map<ProcessId, NetworkPlace> places_;
  Listeners listeners_;
  std::map<std::pair<ProcessId, ProcessId>, Link>
      links_;  // Links never move: streams point to them.
  std::map<std::uint64_t, Connection> connections_;
  std::uint64_t next_number_ = 1;
  RecentMessages recent_;
};

}  // namespace ottla::world
