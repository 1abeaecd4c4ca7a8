#include "engine/world/trace_hash.h"

#include <type_traits>

#include "engine/base/big_endian.h"
#include "engine/base/crc32c.h"

namespace ottla::world {
namespace {

// Folds each field of a fact in.
class FactMixer {
 public:
  explicit FactMixer(TraceHash& hash) : hash_(hash) {}

  void operator()(const probe::BecameLeader& f) { all(f.of, f.epoch, f.start_offset); }
  void operator()(const probe::BecameFollower& f) { all(f.of, f.epoch, f.leader); }
  void operator()(const probe::HighWatermarkMoved& f) { all(f.of, f.epoch, f.from, f.to); }
  void operator()(const probe::Acknowledged& f) { all(f.of, f.epoch, f.first, f.last, f.acks); }
  void operator()(const probe::Truncated& f) { all(f.of, f.epoch, f.from, f.to); }
  void operator()(const probe::IsrChanged& f) {
    all(f.of, f.leader, f.epoch, f.shrank);
    for (const BrokerId broker : f.isr) all(broker);
  }
  void operator()(const probe::LeaderElected& f) { all(f.of, f.from, f.to, f.epoch, f.unclean); }
  void operator()(const probe::BrokerFenced& f) { all(f.broker, f.reason); }
  void operator()(const probe::BrokerUnfenced& f) { all(f.broker); }
  void operator()(const probe::BrokerRegistered& f) { all(f.broker, f.epoch); }
  void operator()(const probe::ControllerActivated& f) { all(f.epoch); }
  void operator()(const probe::TopicCreated& f) { all(f.topic, f.partitions); }
  void operator()(const probe::TopicDeleted& f) { all(f.topic); }
  void operator()(const probe::GroupChanged& f) {
    all(f.group, f.state, f.generation, f.members, f.reason);
  }
  void operator()(const probe::Produced& f) {
    all(f.producer, f.of, f.first, f.acks);
    for (const std::uint64_t number : f.numbers) all(number);
  }
  void operator()(const probe::Consumed& f) {
    all(f.group, f.of, f.first, f.last);
    for (const probe::RecordName& record : f.records) all(record.producer, record.number);
  }
  void operator()(const probe::Noted& f) { all(static_cast<int>(f.level), f.text); }

 private:
  template <class... Fields>
  void all(const Fields&... fields) {
    (one(fields), ...);
  }
  void one(std::string_view text) { hash_.mix(text); }
  void one(const probe::PartitionName& name) { all(name.topic, name.partition); }
  template <class Tag, class Rep>
  void one(StrongId<Tag, Rep> id) {
    hash_.mix(static_cast<std::int64_t>(id.value()));
  }
  template <class Integer>
  requires std::is_integral_v<Integer>
  void one(Integer value) { hash_.mix(static_cast<std::int64_t>(value)); }

  TraceHash& hash_;
};

}  // namespace

void TraceHash::mix(std::string_view text) {
  mix(static_cast<std::uint64_t>(text.size()));
  for (; text.size() >= 8; text.remove_prefix(8)) {
    mix(load_big_endian<std::uint64_t>(reinterpret_cast<const std::uint8_t*>(text.data())));
  }
  std::uint64_t rest = 0;
  for (const char letter : text) rest = (rest << 8) | static_cast<std::uint8_t>(letter);
  mix(rest);
}

void TraceHash::mix(const ByteChain& content) {
  // The checksum runs over slices at memory speed; where they are cut makes no difference to it.
  mix((static_cast<std::uint64_t>(content.size()) << 32) ^ crc32c(content));
}

void TraceHash::mix(const probe::Fact& fact) {
  mix(static_cast<std::uint64_t>(fact.index()));
  std::visit(FactMixer(*this), fact);
}

}  // namespace ottla::world
