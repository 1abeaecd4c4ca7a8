// Metadata transactions (KIP-868): records between a BeginTransactionRecord and its
// EndTransactionRecord count all together or, after an AbortTransactionRecord, not at all. Whoever
// builds an image of the committed log passes its records through here.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/metadata/image.h"

namespace ottla::metadata {

// Whether this level of metadata.version knows transactions (3.6-IV1).
[[nodiscard]] bool supports_transactions(std::int16_t metadata_version);

class MetadataTransactions {
 public:
  using Apply = std::function<void(const protocol::MetadataRecord&, Offset)>;

  // Calls `apply` for each record that counts by this one, in order: for itself outside of a
  // transaction, for all of a transaction that it ends, for the marker alone of one that it aborts.
  // A marker that is out of place fails with a sentence.
  [[nodiscard]] Result<void, std::string> take(const protocol::MetadataRecord& record,
                                               Offset offset, const Apply& apply);

  // Some records wait for the end of their transaction.
  [[nodiscard]] bool is_open() const { return !waiting_.empty(); }
  // Begins anew from a snapshot, which holds no open transaction.
  void reset() { waiting_.clear(); }

 private:
  std::vector<std::pair<protocol::MetadataRecord, Offset>> waiting_;  // From the marker on.
};

}  // namespace ottla::metadata
