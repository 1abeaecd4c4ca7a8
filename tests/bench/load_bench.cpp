// Load from a real client, librdkafka, on whatever speaks Kafka's protocol: how many records a
// second are produced or consumed, and how long each takes. The same program measures any cluster.
#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace ottla::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int admin_timeout_ms = 15000;
constexpr auto stalled_after = std::chrono::seconds(20);
constexpr std::size_t produced_at_once = 500;
constexpr std::size_t consumed_at_once = 10000;
constexpr auto pacing_tick = std::chrono::milliseconds(1);

struct Options {
  std::string bootstrap = "127.0.0.1:9092";
  std::string topic = "bench";
  std::string mode = "produce";
  std::string acks = "all";
  int partitions = 6;
  int replication_factor = 3;
  std::size_t record_bytes = 100;
  std::int64_t records = 1'000'000;
  int linger_ms = 5;
  double rate = 0;  // As fast as possible.
};

[[noreturn]] void fail(const std::string& why) {
  fmt::print(stderr, "ottla_load_bench: {}\n", why);
  std::exit(1);
}

std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now().time_since_epoch())
      .count();
}

double seconds_since(std::int64_t start_us) {
  return static_cast<double>(now_us() - start_us) / 1e6;
}

// Times in microseconds, all of them: a percentile is exact.
class Latencies {
 public:
  void add(std::int64_t micros) { taken_.push_back(micros); }
  [[nodiscard]] double percentile_ms(double share) {
    if (taken_.empty()) return 0;
    const auto place = static_cast<std::ptrdiff_t>(share * static_cast<double>(taken_.size() - 1));
    std::nth_element(taken_.begin(), taken_.begin() + place, taken_.end());
    return static_cast<double>(taken_[static_cast<std::size_t>(place)]) / 1000;
  }
  void print(std::string_view what) {
    fmt::print("{} latency: p50 {:.2f} ms, p99 {:.2f} ms, p99.9 {:.2f} ms, max {:.2f} ms\n", what,
               percentile_ms(0.5), percentile_ms(0.99), percentile_ms(0.999), percentile_ms(1));
  }

 private:
  std::vector<std::int64_t> taken_;
};

struct Deliveries {
  Latencies latencies;
  std::int64_t delivered = 0;
  std::int64_t failed = 0;
  rd_kafka_resp_err_t last_error = RD_KAFKA_RESP_ERR_NO_ERROR;
  [[nodiscard]] std::int64_t answered() const { return delivered + failed; }
};

// The opaque of a message is when it was handed over, so that none needs memory of its own.
void* opaque_time(std::int64_t micros) {
  return reinterpret_cast<void*>(static_cast<std::intptr_t>(micros));
}

void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  auto& deliveries = *static_cast<Deliveries*>(opaque);
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    ++deliveries.failed;
    deliveries.last_error = message->err;
    return;
  }
  ++deliveries.delivered;
  deliveries.latencies.add(now_us() - reinterpret_cast<std::intptr_t>(message->_private));
}

void on_error(rd_kafka_t*, int code, const char* reason, void*) {
  fmt::print(stderr, "client error {}: {}\n",
             rd_kafka_err2name(static_cast<rd_kafka_resp_err_t>(code)), reason);
}

struct Destroy {
  void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
  void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
  void operator()(rd_kafka_event_t* event) const { rd_kafka_event_destroy(event); }
  void operator()(rd_kafka_NewTopic_t* topic) const { rd_kafka_NewTopic_destroy(topic); }
  void operator()(rd_kafka_AdminOptions_t* options) const {
    rd_kafka_AdminOptions_destroy(options);
  }
  void operator()(rd_kafka_topic_partition_list_t* list) const {
    rd_kafka_topic_partition_list_destroy(list);
  }
};
template <class T>
using Owned = std::unique_ptr<T, Destroy>;

using Settings = std::vector<std::pair<std::string, std::string>>;

Owned<rd_kafka_t> make_client(rd_kafka_type_t type, const Options& options,
                              const Settings& settings, Deliveries* deliveries) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  std::array<char, 512> why{};
  auto set = [&](const std::string& name, const std::string& value) {
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), why.data(), why.size()) !=
        RD_KAFKA_CONF_OK) {
      fail(why.data());
    }
  };
  set("bootstrap.servers", options.bootstrap);
  set("client.id", "ottla-load-bench");
  for (const auto& [name, value] : settings) set(name, value);
  rd_kafka_conf_set_error_cb(conf, on_error);
  if (deliveries != nullptr) {
    rd_kafka_conf_set_opaque(conf, deliveries);
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
  }
  Owned<rd_kafka_t> client(rd_kafka_new(type, conf, why.data(), why.size()));
  if (!client) fail(why.data());
  return client;
}

Owned<rd_kafka_t> make_producer(const Options& options, Deliveries& deliveries) {
  return make_client(RD_KAFKA_PRODUCER, options,
                     {{"acks", options.acks}, {"linger.ms", std::to_string(options.linger_ms)}},
                     &deliveries);
}

Owned<rd_kafka_t> make_consumer(const Options& options) {
  return make_client(RD_KAFKA_CONSUMER, options,
                     {{"group.id", "ottla-load-bench"},
                      {"enable.auto.commit", "false"},
                      {"fetch.wait.max.ms", "100"},
                      {"queued.min.messages", "1000000"}},
                     nullptr);
}

// A topic that is there already is as good.
void create_topic(rd_kafka_t* client, const Options& options) {
  std::array<char, 512> why{};
  const Owned<rd_kafka_NewTopic_t> topic(
      rd_kafka_NewTopic_new(options.topic.c_str(), options.partitions, options.replication_factor,
                            why.data(), why.size()));
  if (!topic) fail(why.data());
  const Owned<rd_kafka_AdminOptions_t> admin(
      rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_CREATETOPICS));
  rd_kafka_AdminOptions_set_operation_timeout(admin.get(), admin_timeout_ms, why.data(),
                                              why.size());
  const Owned<rd_kafka_queue_t> answers(rd_kafka_queue_new(client));
  rd_kafka_NewTopic_t* topics[] = {topic.get()};
  rd_kafka_CreateTopics(client, topics, 1, admin.get(), answers.get());
  const Owned<rd_kafka_event_t> answer(rd_kafka_queue_poll(answers.get(), 2 * admin_timeout_ms));
  if (!answer) fail("no answer to CreateTopics");
  if (rd_kafka_event_error(answer.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    fail(fmt::format("CreateTopics: {}", rd_kafka_event_error_string(answer.get())));
  }
  std::size_t count = 0;
  const rd_kafka_topic_result_t** results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(answer.get()), &count);
  for (std::size_t n = 0; n < count; ++n) {
    const auto error = rd_kafka_topic_result_error(results[n]);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR && error != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
      fail(fmt::format("CreateTopics: {}", rd_kafka_err2name(error)));
    }
  }
}

// Bytes that no compression would shrink, the same in every run.
std::vector<char> make_payload(std::size_t size) {
  std::vector<char> payload(std::max(size, sizeof(std::int64_t)));
  std::uint64_t state = 0x9e3779b97f4a7c15;
  for (char& byte : payload) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    byte = static_cast<char>(state >> 56);
  }
  return payload;
}

// Hands over records in runs, each for one partition, as a batching client's partitioner does.
class Sender {
 public:
  Sender(rd_kafka_t* client, const Options& options, Deliveries& deliveries)
      : client_(client),
        topic_(rd_kafka_topic_new(client, options.topic.c_str(), nullptr)),
        deliveries_(deliveries),
        partitions_(options.partitions),
        payload_(make_payload(options.record_bytes)) {
    if (!topic_) fail("the topic's handle could not be made");
  }

  // Records share the payload, which librdkafka only reads.
  void send(std::size_t count) {
    std::array<rd_kafka_message_t, produced_at_once> batch{};
    for (std::size_t n = 0; n < count; ++n) {
      batch[n].payload = payload_.data();
      batch[n].len = payload_.size();
      batch[n]._private = opaque_time(now_us());
    }
    const std::int32_t partition = next_partition();
    while (count > 0) {
      rd_kafka_produce_batch(topic_.get(), partition, 0, batch.data(), static_cast<int>(count));
      std::size_t left = 0;
      for (std::size_t n = 0; n < count; ++n) {
        if (batch[n].err == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
        if (batch[n].err != RD_KAFKA_RESP_ERR__QUEUE_FULL) fail(rd_kafka_err2str(batch[n].err));
        batch[left] = batch[n];
        batch[left++]._private = opaque_time(now_us());
      }
      count = left;
      rd_kafka_poll(client_, count == 0 ? 0 : 1);
    }
  }

  // With the time in the record, for who consumes it.
  void send_stamped(std::int64_t due_us) {
    std::memcpy(payload_.data(), &due_us, sizeof due_us);
    if (rd_kafka_produce(topic_.get(), next_partition(), RD_KAFKA_MSG_F_COPY, payload_.data(),
                         payload_.size(), nullptr, 0, opaque_time(due_us)) != 0) {
      fail(rd_kafka_err2str(rd_kafka_last_error()));
    }
  }

  // Until each is answered; false when nothing comes any more.
  bool wait_for_answers(std::int64_t sent) {
    auto last_answer = Clock::now();
    std::int64_t answered = deliveries_.answered();
    while (deliveries_.answered() < sent) {
      rd_kafka_poll(client_, 100);
      if (deliveries_.answered() != answered) {
        answered = deliveries_.answered();
        last_answer = Clock::now();
      }
      if (Clock::now() - last_answer > stalled_after) return false;
    }
    return true;
  }

 private:
  std::int32_t next_partition() { return static_cast<std::int32_t>(turn_++ % partitions_); }

  rd_kafka_t* client_;
  Owned<rd_kafka_topic_t> topic_;
  Deliveries& deliveries_;
  std::int64_t turn_ = 0;
  std::int64_t partitions_;
  std::vector<char> payload_;
};

// Records at the times at which they are due: a late one counts from when it should have been sent.
void send_paced(rd_kafka_t* client, Sender& sender, const Options& options, std::int64_t start_us) {
  std::int64_t sent = 0;
  while (sent < options.records) {
    const auto due = static_cast<std::int64_t>(seconds_since(start_us) * options.rate);
    for (; sent < std::min(due, options.records); ++sent) {
      const double after_us = 1e6 * static_cast<double>(sent) / options.rate;
      sender.send_stamped(start_us + static_cast<std::int64_t>(after_us));
    }
    rd_kafka_poll(client, 0);
    std::this_thread::sleep_for(pacing_tick);
  }
}

void print_rate(std::string_view what, std::int64_t records, std::size_t record_bytes,
                double took) {
  const double rate = static_cast<double>(records) / took;
  fmt::print("{} {} records of {} B in {:.3f} s: {:.0f} records/s, {:.2f} MB/s\n", what, records,
             record_bytes, took, rate, rate * static_cast<double>(record_bytes) / 1e6);
}

int produce(rd_kafka_t* client, const Options& options, Deliveries& deliveries) {
  Sender sender(client, options, deliveries);
  const std::int64_t start = now_us();
  if (options.rate > 0) {
    send_paced(client, sender, options, start);
  } else {
    const auto total = static_cast<std::size_t>(options.records);
    for (std::size_t sent = 0; sent < total;) {
      const std::size_t count = std::min(produced_at_once, total - sent);
      sender.send(count);
      sent += count;
    }
  }
  const bool all = sender.wait_for_answers(options.records);
  print_rate("produced", deliveries.delivered, options.record_bytes, seconds_since(start));
  deliveries.latencies.print("delivery");
  fmt::print("delivered {}, failed {}{}\n", deliveries.delivered, deliveries.failed,
             deliveries.failed == 0
                 ? ""
                 : fmt::format(" (last: {})", rd_kafka_err2name(deliveries.last_error)));
  if (!all) fail("some records were never answered");
  return deliveries.failed == 0 ? 0 : 1;
}

// Every partition of the topic, from an offset on, without a group.
class Reader {
 public:
  Reader(const Options& options, std::int64_t from)
      : client_(make_consumer(options)), batch_(consumed_at_once) {
    rd_kafka_poll_set_consumer(client_.get());
    const Owned<rd_kafka_topic_partition_list_t> all(
        rd_kafka_topic_partition_list_new(options.partitions));
    for (int n = 0; n < options.partitions; ++n) {
      rd_kafka_topic_partition_list_add(all.get(), options.topic.c_str(), n)->offset = from;
    }
    if (const auto error = rd_kafka_assign(client_.get(), all.get());
        error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      fail(rd_kafka_err2str(error));
    }
    queue_.reset(rd_kafka_queue_get_consumer(client_.get()));
  }
  ~Reader() {
    queue_.reset();
    rd_kafka_consumer_close(client_.get());
  }

  // What came within `timeout_ms`, each given to `see`; how many records.
  template <class See>
  std::int64_t read(int timeout_ms, See see) {
    const auto count =
        rd_kafka_consume_batch_queue(queue_.get(), timeout_ms, batch_.data(), batch_.size());
    std::int64_t records = 0;
    for (std::size_t n = 0; count > 0 && n < static_cast<std::size_t>(count); ++n) {
      if (batch_[n]->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        see(*batch_[n]);
        ++records;
      } else {
        fmt::print(stderr, "consumer: {}\n", rd_kafka_message_errstr(batch_[n]));
      }
      rd_kafka_message_destroy(batch_[n]);
    }
    return records;
  }

 private:
  Owned<rd_kafka_t> client_;
  Owned<rd_kafka_queue_t> queue_;
  std::vector<rd_kafka_message_t*> batch_;
};

int consume(const Options& options) {
  Reader reader(options, RD_KAFKA_OFFSET_BEGINNING);
  const std::int64_t start = now_us();
  std::int64_t first = 0;
  std::int64_t records = 0;
  auto last_record = Clock::now();
  while (records < options.records && Clock::now() - last_record < stalled_after) {
    const std::int64_t count = reader.read(100, [](const rd_kafka_message_t&) {});
    if (count == 0) continue;
    if (records == 0) first = now_us();
    records += count;
    last_record = Clock::now();
  }
  print_rate("consumed", records, options.record_bytes, seconds_since(start));
  if (records > 0) {
    fmt::print("first records after {:.1f} ms\n", static_cast<double>(first - start) / 1000);
  }
  if (records < options.records) fail("no more records came");
  return 0;
}

// From when a record is due to when it is acknowledged, and to when a consumer has it.
int measure_latency(rd_kafka_t* client, const Options& options, Deliveries& deliveries) {
  Reader reader(options, RD_KAFKA_OFFSET_END);
  // Both clients connect, and the reader finds the logs' ends, before anything is measured.
  for (int n = 0; n < 20; ++n) reader.read(100, [](const rd_kafka_message_t&) {});
  Latencies end_to_end;
  std::atomic<bool> over = false;
  std::int64_t received = 0;
  std::thread reading([&] {
    while (!over && received < options.records) {
      received += reader.read(1, [&](const rd_kafka_message_t& message) {
        std::int64_t due_us = 0;
        if (message.len < sizeof due_us) return;
        std::memcpy(&due_us, message.payload, sizeof due_us);
        end_to_end.add(now_us() - due_us);
      });
    }
  });
  const int result = produce(client, options, deliveries);
  std::this_thread::sleep_for(
      std::chrono::seconds(1));  // What is acknowledged last is yet to come.
  over = true;
  reading.join();
  end_to_end.print("end-to-end");
  fmt::print("consumed {}\n", received);
  return received == options.records ? result : 1;
}

int run(Options options) {
  if (options.mode == "consume") return consume(options);
  Deliveries deliveries;
  const auto client = make_producer(options, deliveries);
  create_topic(client.get(), options);
  if (options.mode == "produce") return produce(client.get(), options, deliveries);
  if (options.rate <= 0) options.rate = 1000;
  return measure_latency(client.get(), options, deliveries);
}

}  // namespace
}  // namespace ottla::bench

int main(int argc, char** argv) {
  ottla::bench::Options options;
  CLI::App app("Measures a Kafka cluster from outside, with librdkafka");
  app.add_option("--bootstrap", options.bootstrap, "Brokers to begin with")->capture_default_str();
  app.add_option("--topic", options.topic, "Created when it is not there")->capture_default_str();
  app.add_option("--mode", options.mode, "What to measure")
      ->check(CLI::IsMember({"produce", "consume", "latency"}))
      ->capture_default_str();
  app.add_option("--partitions", options.partitions, "The topic's partitions")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--replication-factor", options.replication_factor, "Of a topic it creates")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--record-bytes", options.record_bytes, "Bytes of a record's value, at least 8")
      ->check(CLI::Range(8, 1'000'000))
      ->capture_default_str();
  app.add_option("--records", options.records, "How many records")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--acks", options.acks, "Acknowledged by")
      ->check(CLI::IsMember({"all", "1", "0"}))
      ->capture_default_str();
  app.add_option("--linger-ms", options.linger_ms, "How long a batch waits to fill")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--rate", options.rate,
                 "Records a second; 0: as many as possible, or 1000 for latency")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  return ottla::bench::run(options);
}
