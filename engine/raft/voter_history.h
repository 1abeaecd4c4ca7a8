// The sets of voters, and the levels of kraft.version, that a log holds, by the offsets of their
// records. The last ones count, committed or not: what a truncation takes back counts no more.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "engine/raft/voter_set.h"

namespace ottla::raft {

class VoterHistory {
 public:
  void add(Offset offset, VoterSet voters) { voters_[offset] = std::move(voters); }
  void add(Offset offset, std::int16_t kraft_version) { versions_[offset] = kraft_version; }

  // Null where the log has none.
  [[nodiscard]] const VoterSet* last() const;
  // Where the last one lies; no_offset for one of a snapshot that stands for no record.
  [[nodiscard]] std::optional<Offset> last_offset() const;
  // 0 where the log says nothing.
  [[nodiscard]] std::int16_t kraft_version() const;

  // What counted at `offset`.
  [[nodiscard]] const VoterSet* voters_at(Offset offset) const;
  [[nodiscard]] std::int16_t kraft_version_at(Offset offset) const;

  // The log now ends at `end`.
  void truncate(Offset end);
  // The log now begins at `start`; what counted before it is kept.
  void forget_before(Offset start);
  void clear();

 private:
  std::map<Offset, VoterSet> voters_;
  std::map<Offset, std::int16_t> versions_;
};

}  // namespace ottla::raft
