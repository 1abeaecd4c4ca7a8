// The seams of a client under test: a clock and timers that a test moves, and a network of brokers
// that answer by script. Every connection opens at once; every request is decoded and kept.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/byte_reader.h"
#include "engine/base/prng.h"
#include "engine/env/memory_disk.h"
#include "engine/env/memory_file_system.h"
#include "engine/env/node.h"
#include "engine/env/sync_scheduler.h"
#include "engine/protocol/error_code.h"
#include "engine/protocol/messages/api_versions_response.h"
#include "engine/protocol/messages/metadata_response.h"
#include "engine/protocol/request_frame.h"

namespace ottla::client::test {

inline const Endpoint broker_1{"broker-1", 9092};
inline const Endpoint broker_2{"broker-2", 9092};
inline const Uuid topic_id{7, 7};

struct Request {
  ConnectionId connection;
  protocol::RequestHead head;
  ByteChain body;
  Endpoint to;

  template <class Message>
  [[nodiscard]] Message as() const {
    ByteReader reader(body);
    return Message::decode(reader, head.version).value_or(Message());
  }
};

class World final : public Clock,
                    public Timers,
                    public Network,
                    public Random,
                    public Processor,
                    public SyncScheduler,
                    public probe::Probe {
 public:
  Instant time = scenario_epoch;
  std::vector<Request> requests;  // All but ApiVersions and Metadata, oldest first.
  std::vector<std::string> consumed;
  std::int32_t partitions = 2;
  std::vector<Endpoint> brokers = {broker_1};  // As metadata names them; the first leads all.
  // Answers a request; without one a test answers by itself.
  std::function<void(World&, const Request&)> script;

  Env env() { return {*this, *this, *this, disk_, *this, *this, *this}; }
  void schedule_sync_done(DiskOperationId /*operation*/, DiskResult<void> /*result*/) override {}

  Instant now() const override { return time; }
  TimerId arm(Duration after) override {
    timers_.emplace(TimerId(++last_timer_), time + after);
    return TimerId(last_timer_);
  }
  void cancel(TimerId timer) override { timers_.erase(timer); }
  ConnectionId connect(const Endpoint& to) override {
    const ConnectionId connection(++last_connection_);
    connections_.emplace(connection, to);
    events_.push_back([connection](Node& node) { node.on_connected(connection); });
    return connection;
  }
  void send(ConnectionId connection, ByteChain frame) override {
    ByteReader reader(std::move(frame));
    Request request{
        connection, protocol::read_request_head(reader).value(), {}, connections_.at(connection)};
    request.body = reader.read_chain(reader.remaining());
    if (request.head.key == protocol::ApiKey::api_versions) return answer_versions(request);
    if (request.head.key == protocol::ApiKey::metadata) return answer_metadata(request);
    requests.push_back(request);
    if (script) script(*this, request);
  }
  void close(ConnectionId /*connection*/) override {}
  std::uint64_t next() override { return prng_.next(); }
  std::int64_t used_nanos() const override { return 0; }
  void tell(const probe::Fact& fact) override {
    if (const auto* read = std::get_if<probe::Consumed>(&fact)) {
      consumed.push_back(
          std::string(read->of.topic) + "-" + std::to_string(read->of.partition.value()) + " " +
          std::to_string(read->first.value()) + ".." + std::to_string(read->last.value()));
    }
  }

  template <class Response>
  void answer(const Request& request, const Response& response) {
    ByteWriter frame;
    protocol::write_response_head(frame, request.head.key, request.head.version,
                                  request.head.correlation_id);
    response.encode(frame, request.head.version);
    events_.push_back([connection = request.connection, chain = frame.take_chain()](Node& node) {
      node.on_message(connection, chain);
    });
  }

  // Delivers what is pending, then moves the clock timer by timer.
  void run(Node& node, Duration duration) {
    const Instant end = time + duration;
    deliver(node);
    while (true) {
      auto first = timers_.end();
      for (auto at = timers_.begin(); at != timers_.end(); ++at) {
        if (first == timers_.end() || at->second < first->second) first = at;
      }
      if (first == timers_.end() || first->second > end) break;
      time = std::max(time, first->second);
      const TimerId timer = first->first;
      timers_.erase(first);
      node.on_timer(timer);
      deliver(node);
    }
    time = end;
  }

  [[nodiscard]] std::vector<Request> of(protocol::ApiKey key) const {
    std::vector<Request> some;
    for (const Request& request : requests) {
      if (request.head.key == key) some.push_back(request);
    }
    return some;
  }

 private:
  void deliver(Node& node) {
    while (!events_.empty()) {
      const auto events = std::exchange(events_, {});
      for (const auto& event : events) event(node);
    }
  }
  void answer_versions(const Request& request) {
    protocol::ApiVersionsResponse response;
    for (std::int16_t key = 0; key < 70; ++key) {
      auto& range = response.api_keys.emplace_back();
      range.api_key = key;
      range.max_version = 99;
    }
    answer(request, response);
  }
  void answer_metadata(const Request& request) {
    protocol::MetadataResponse response;
    for (const Endpoint& broker : brokers) {
      const BrokerId id{static_cast<std::int32_t>(response.brokers.size()) + 1};
      response.brokers.push_back({id, broker.host, broker.port, std::nullopt});
    }
    auto& topic = response.topics.emplace_back();
    topic.name = "orders";
    topic.topic_id = topic_id;
    for (std::int32_t i = 0; i < partitions; ++i) {
      auto& partition = topic.partitions.emplace_back();
      partition.partition_index = PartitionIndex(i);
      partition.leader_id = BrokerId{1};
      partition.leader_epoch = LeaderEpoch{0};
    }
    answer(request, response);
  }

  MemoryFileSystem files_;
  MemoryDisk disk_{files_, *this};
  Prng prng_{1};
  std::map<TimerId, Instant> timers_;
  std::uint64_t last_timer_ = 0;
  std::uint64_t last_connection_ = 0;
  std::map<ConnectionId, Endpoint> connections_;
  std::vector<std::function<void(Node&)>> events_;
};

}  // namespace ottla::client::test
