#include "engine/broker/data/future_logs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <limits>

#include "engine/metadata/broker_config.h"
#include "engine/metadata/config_definition.h"
#include "engine/protocol/records/record_batch.h"
#include "engine/replication/truncation.h"
#include "engine/storage/partition_folder.h"

namespace ottla::broker {
namespace {

constexpr std::string_view future_suffix = "-future";
constexpr std::size_t unique_digits = 32;
constexpr std::string_view rate_name = "replica.alter.log.dirs.io.max.bytes.per.second";
// Between two copies, however fast they may be: others have their turn.
constexpr Duration copy_time_min = Duration::millis(1);

}  // namespace

std::string FutureLogs::new_folder(const storage::TopicPartition& of) {
  const std::uint64_t high = env_.random.next();
  return fmt::format("{}.{:016x}{:016x}{}", storage::folder_name(of), high, env_.random.next(),
                     future_suffix);
}

std::optional<storage::TopicPartition> FutureLogs::parse_folder(std::string_view name) {
  constexpr std::size_t tail = 1 + unique_digits + future_suffix.size();
  if (name.size() <= tail || !name.ends_with(future_suffix)) return std::nullopt;
  const std::size_t dot = name.size() - tail;
  const std::string_view digits = name.substr(dot + 1, unique_digits);
  const bool is_unique = std::all_of(digits.begin(), digits.end(), [](char c) {
    return std::isxdigit(static_cast<unsigned char>(c)) != 0;
  });
  if (name[dot] != '.' || !is_unique) return std::nullopt;
  return storage::parse_folder_name(name.substr(0, dot));
}

FutureLogs::Done FutureLogs::begin(Replica& replica, LogDirectory& directory,
                                   const std::string& folder) {
  const auto named =
      storage::write_partition_metadata(directory.disk(), folder, replica.key().topic);
  if (!named) return named;
  auto log = storage::Log::open(
      directory.disk(), folder, replica.log().config(),
      {.now = env_.clock.now(), .clean_shutdown = directory.was_closed_cleanly()});
  if (!log) return failure(log.error());
  const auto at = futures_.emplace(
      replica.key(),
      Future{replica, directory, *std::move(log), Future::Consent::not_asked, env_.clock.now()});
  return cut_off(at.first->second);
}

const FutureLogs::Future* FutureLogs::find(const PartitionKey& key) const {
  const auto at = futures_.find(key);
  return at == futures_.end() ? nullptr : &at->second;
}

void FutureLogs::end(const PartitionKey& key, Files files) {
  const auto at = futures_.find(key);
  if (at == futures_.end()) return;
  LogDirectory& directory = at->second.directory;
  const std::string folder = at->second.log.folder();
  futures_.erase(at);
  if (files == Files::left || directory.disk().remove_folder(folder)) return;
  env_.probe.tell(
      probe::Noted{probe::Noted::Level::warning, fmt::format("{} could not be deleted", folder)});
}

Result<std::string, storage::StorageError> FutureLogs::close(const PartitionKey& key) {
  Future& future = futures_.at(key);
  const auto closed = future.log.prepare_shutdown();
  const std::string folder = future.log.folder();
  futures_.erase(key);
  if (!closed) return failure(closed.error());
  return folder;
}

void FutureLogs::woken(const PartitionKey& key) {
  if (futures_.empty()) return;
  const auto at = futures_.find(key);
  if (at != futures_.end() && !at->second.next) at->second.next = env_.clock.now();
}

void FutureLogs::truncated(const PartitionKey& key) {
  const auto at = futures_.find(key);
  if (at == futures_.end()) return;
  (void)cut_off(at->second);  // A failure is its directory's.
  woken(key);
}

// As any follower: to where the epochs of the two part.
FutureLogs::Done FutureLogs::cut_off(Future& future) {
  const Instant now = env_.clock.now();
  Replica& replica = future.replica;
  if (replica.log_start() > future.log.log_end())
    return future.log.truncate_fully_and_start_at(replica.log_start(), now);
  while (const auto epoch = future.log.latest_epoch()) {
    const replication::EpochEnd leader = replica.epoch_end(*epoch);
    if (leader.end_offset == no_offset)
      return future.log.truncate_fully_and_start_at(replica.log_start(), now);
    const storage::EpochEnd own = future.log.end_offset_for_epoch(leader.epoch);
    const auto point =
        replication::truncation_point(leader, {own.epoch, own.end}, future.log.log_end());
    if (point.offset >= future.log.log_end()) break;
    if (auto cut = future.log.truncate_to(point.offset, now); !cut) return cut;
    if (point.final) break;
  }
  return {};
}

std::optional<Instant> FutureLogs::next_deadline() const {
  std::optional<Instant> earliest;
  for (const auto& [key, future] : futures_) {
    if (future.next && (!earliest || *future.next < *earliest)) earliest = future.next;
  }
  return earliest;
}

std::vector<PartitionKey> FutureLogs::on_time() {
  std::vector<PartitionKey> equal;
  const Instant now = env_.clock.now();
  for (auto& [key, future] : futures_) {
    if (!future.next || now < *future.next) continue;
    if (!copy_some(future)) {
      future.next = now + config_.millis("replica.fetch.backoff.ms");
      continue;
    }
    if (future.log.log_end() < future.replica.log_end()) continue;
    future.next.reset();
    if (future.consent != Future::Consent::asked) equal.push_back(key);
  }
  return equal;
}

FutureLogs::Done FutureLogs::copy_some(Future& future) {
  const Instant now = env_.clock.now();
  Replica& replica = future.replica;
  if (replica.log_start() > future.log.log_end()) {
    const auto emptied = future.log.truncate_fully_and_start_at(replica.log_start(), now);
    if (!emptied) return emptied;
  }
  future.next = now + copy_time_min;
  if (future.log.log_end() < replica.log_end()) {
    const auto read = replica.log().read(
        {.from = future.log.log_end(),
         .bytes_max = static_cast<std::size_t>(config_.integer("replica.fetch.max.bytes")),
         .upper_bound = replica.log_end()});
    if (!read) return failure(read.error());
    const auto batches = protocol::leading_batches(read->bytes);
    if (!batches || batches->batches.empty()) return failure(storage::StorageError::corrupt);
    const auto appended = future.log.append_as_follower(batches->batches, now);
    if (!appended) return failure(appended.error());
    future.next = now + time_of(read->bytes.size());
  }
  if (replica.log_start() > future.log.log_start())
    return future.log.advance_log_start(replica.log_start());
  return {};
}

// The rate can only be set dynamically.
Duration FutureLogs::time_of(std::uint64_t bytes) const {
  std::int64_t rate = std::numeric_limits<std::int64_t>::max();
  if (const auto set = metadata::dynamic_broker_config(image_, config_.node_id, rate_name))
    rate = metadata::parse_integer(metadata::ConfigType::int64, *set).value_or(rate);
  const double seconds =
      static_cast<double>(bytes) / static_cast<double>(std::max<std::int64_t>(rate, 1));
  constexpr double longest = 3600;
  const auto micros = static_cast<std::int64_t>(std::min(seconds, longest) * 1e6);
  return std::max(copy_time_min, Duration::micros(micros));
}

void FutureLogs::set_consent(const PartitionKey& key, Future::Consent consent) {
  const auto at = futures_.find(key);
  if (at == futures_.end()) return;
  at->second.consent = consent;
  if (consent == Future::Consent::given) woken(key);
}

}  // namespace ottla::broker
