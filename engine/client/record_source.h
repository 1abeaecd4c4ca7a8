// The application behind a simulated producer: when it makes a record, with which key and value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/prng.h"
#include "engine/base/time.h"
#include "engine/env/probe.h"
#include "engine/protocol/records/record.h"

namespace ottla::client {

// What a value says of the record: "checkout:000000000042 ...". Number 0 where it says nothing;
// valid as long as the value.
[[nodiscard]] probe::RecordName name_of_record(std::string_view value);

class RecordSource {
 public:
  struct Options {
    std::string producer = {};  // Which the values name.
    double records_per_s = 0;
    std::int32_t record_bytes = 100;
    std::int32_t keys = 0;
    double hot_key_share = 0;
  };
  RecordSource(std::uint64_t seed, Options options);

  // Starts the clock: the first record comes an interval from now.
  void start(Instant now) {
    next_due_micros_ = static_cast<double>(now.micros_since_epoch()) + interval();
  }
  void set_rate(double records_per_s, Instant now);
  void set_hot_key_share(double share) { options_.hot_key_share = share; }
  [[nodiscard]] const Options& options() const { return options_; }

  [[nodiscard]] bool active() const { return options_.records_per_s > 0; }
  // When the next record is made; only while active.
  [[nodiscard]] Instant next_due() const {
    return Instant::from_micros(static_cast<std::int64_t>(next_due_micros_));
  }
  // Goes on to the next record. False when it is not due yet.
  bool advance(Instant now);
  // Records that were due while the application could not send are not made up for: it was blocked.
  void skip_to(Instant now);

  // A random number for whoever chooses a partition.
  [[nodiscard]] std::uint64_t draw() { return prng_.next(); }

  // Of the current record; key and value are valid until the next advance.
  [[nodiscard]] std::uint64_t number() const { return made_; }
  [[nodiscard]] protocol::NullableView key() const;
  [[nodiscard]] protocol::NullableView value() const { return std::span(value_); }

 private:
  // Microseconds to the next record: the rate's interval, spread by half of it to either side.
  double interval();
  void draw_key();

  Options options_;
  Prng prng_;
  double next_due_micros_ = 0;
  std::uint64_t made_ = 0;
  std::string key_;
  std::size_t number_at_ = 0;  // Where the value has the number's digits, counted on in place.
  std::size_t number_end_ = 0;
  std::vector<std::uint8_t> value_;
};

}  // namespace ottla::client
