#include "engine/broker/data/cleaner_schedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace ottla::broker {
namespace {

constexpr std::size_t step_bytes = std::size_t{1} << 20;
// Between two steps, however fast the cleaner may be: others have their turn.
constexpr Duration step_time_min = Duration::millis(1);
constexpr Instant never = Instant::from_micros(std::numeric_limits<std::int64_t>::max());

storage::TopicPartition name_of(const Replica& replica) {
  return {replica.topic(), replica.key().index};
}

// What is below was cleaned; nothing where that is not known.
std::optional<Offset> cleaned_to(const Replica& replica) {
  const storage::OffsetCheckpoint& cleaned = replica.directory().cleaned();
  const auto known = cleaned.find(name_of(replica));
  return known == cleaned.end() ? std::nullopt : std::optional(known->second);
}

}  // namespace

CleanerSchedule::CleanerSchedule(Env& env, const BrokerConfig& config, const metadata::Image& image,
                                 LogDirectories& directories)
    : env_(env),
      config_(config),
      image_(image),
      directories_(directories),
      settings_(cleaner_settings(config, image)),
      next_(never) {}

void CleanerSchedule::load() {
  for (LogDirectory* directory : directories_.online()) directory->load_cleaned();
  rest();
}

void CleanerSchedule::rest() {
  next_ = settings_.enabled ? env_.clock.now() + settings_.backoff : never;
}

// Kafka's LogCleaner starts its threads anew.
void CleanerSchedule::reconfigure() {
  const CleanerSettings now = cleaner_settings(config_, image_);
  if (now == settings_) return;
  settings_ = now;
  cleaning_.reset();
  next_ = settings_.enabled ? env_.clock.now() : never;
}

bool CleanerSchedule::on_time(const Replicas& replicas) {
  if (env_.clock.now() < next_) return false;
  if (cleaning_ || begin(replicas)) return step();
  rest();
  return true;
}

std::optional<storage::CleanableLog> CleanerSchedule::measure(Replica& replica) {
  const storage::TopicPartition name = name_of(replica);
  const auto what =
      storage::LogCleaner::measure(replica.log(), {.cleaned_to = cleaned_to(replica),
                                                   .last_stable = replica.last_stable_offset(),
                                                   .now = env_.clock.now()});
  if (!what) {
    give_up(name, what.error());
    return std::nullopt;
  }
  if (what->checkpoint_is_wrong) set_checkpoint(replica, what->first_dirty);
  if (!what->worth_cleaning(replica.log().config())) return std::nullopt;
  return *what;
}

bool CleanerSchedule::begin(const Replicas& replicas) {
  Replica* filthiest = nullptr;
  storage::CleanableLog its;
  for (const auto& [key, replica] : replicas) {
    if (!replica->log().config().compact || is_uncleanable(*replica)) continue;
    if (paused_.count(name_of(*replica)) > 0) continue;
    const auto what = measure(*replica);
    if (!what || (filthiest != nullptr && what->dirty_ratio() <= its.dirty_ratio())) continue;
    filthiest = replica.get();
    its = *what;
  }
  if (filthiest == nullptr) return false;
  cleaning_ = std::unique_ptr<Cleaning>(
      new Cleaning{*filthiest,
                   name_of(*filthiest),
                   {filthiest->log(), its, settings_.limits, env_.clock.now()}});
  return true;
}

bool CleanerSchedule::step() {
  using Progress = storage::LogCleaner::Progress;
  const auto progress = cleaning_->cleaner.step(step_bytes);
  if (!progress) {
    const auto failed = std::exchange(cleaning_, nullptr);
    give_up(failed->name, progress.error());
    rest();
    return false;
  }
  next_ = env_.clock.now() + time_of_step();
  if (*progress == Progress::under_way) return false;
  const auto ended = std::exchange(cleaning_, nullptr);
  if (*progress == Progress::done) set_checkpoint(ended->replica, ended->cleaner.end());
  return true;
}

// What the step read and wrote, at log.cleaner.io.max.bytes.per.second.
Duration CleanerSchedule::time_of_step() {
  const std::uint64_t bytes = cleaning_->cleaner.bytes_read() + cleaning_->cleaner.bytes_written();
  const std::uint64_t moved = bytes - std::exchange(cleaning_->bytes_before, bytes);
  const double rate = std::max(settings_.bytes_per_s, 1.0);
  const double seconds = static_cast<double>(moved) / rate;
  return std::max(step_time_min, Duration::micros(static_cast<std::int64_t>(seconds * 1e6)));
}

void CleanerSchedule::truncated(const Replica& replica) {
  if (!replica.log().config().compact) return;
  storage::OffsetCheckpoint& cleaned = replica.directory().cleaned();
  const auto known = cleaned.find(name_of(replica));
  const Offset active = replica.log().segments().back().base;
  if (known == cleaned.end() || known->second <= active) return;
  known->second = active;
  replica.directory().write_cleaned();
}

void CleanerSchedule::forget(LogDirectory& directory, const storage::TopicPartition& name) {
  if (cleaning_ && cleaning_->name == name) cleaning_.reset();
  uncleanable_.erase(name);
  paused_.erase(name);
  if (directory.cleaned().erase(name) > 0) directory.write_cleaned();
}

void CleanerSchedule::abandon(const Replica& replica) {
  if (cleaning_ && &cleaning_->replica == &replica) cleaning_.reset();
}

void CleanerSchedule::pause(const Replica& replica) {
  abandon(replica);
  paused_.insert(name_of(replica));
}

void CleanerSchedule::resume(const Replica& replica) {
  paused_.erase(name_of(replica));
}

void CleanerSchedule::moved(Replica& replica, LogDirectory& to) {
  resume(replica);
  LogDirectory& from = replica.directory();
  auto cleaned = from.cleaned().extract(name_of(replica));
  if (cleaned.empty()) return;
  from.write_cleaned();
  to.cleaned().insert(std::move(cleaned));
  to.write_cleaned();
}

bool CleanerSchedule::is_uncleanable(const Replica& replica) const {
  return uncleanable_.count(name_of(replica)) > 0;
}

void CleanerSchedule::set_checkpoint(Replica& replica, Offset cleaned_to) {
  replica.directory().cleaned().insert_or_assign(name_of(replica), cleaned_to);
  replica.directory().write_cleaned();
}

void CleanerSchedule::give_up(const storage::TopicPartition& name, storage::StorageError why) {
  uncleanable_.insert(name);
  env_.probe.tell(probe::Noted{
      probe::Noted::Level::warning,
      fmt::format("{} could not be cleaned, and is uncleanable until this broker restarts: {}",
                  storage::folder_name(name), storage::message(why))});
}

}  // namespace ottla::broker
