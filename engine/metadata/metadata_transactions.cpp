#include "engine/metadata/metadata_transactions.h"

namespace ottla::metadata {

using namespace protocol;

namespace {

constexpr std::int16_t metadata_version_3_6_iv1 = 13;

template <class Marker>
bool is(const MetadataRecord& record) {
  return std::holds_alternative<Marker>(record);
}

}  // namespace

bool supports_transactions(std::int16_t metadata_version) {
  return metadata_version >= metadata_version_3_6_iv1;
}

Result<void, std::string> MetadataTransactions::take(const MetadataRecord& record, Offset offset,
                                                     const Apply& apply) {
  const bool begins = is<BeginTransactionRecord>(record);
  const bool ends = is<EndTransactionRecord>(record);
  const bool aborts = is<AbortTransactionRecord>(record);
  if (begins && is_open())
    return failure(
        std::string("Encountered BeginTransactionRecord while already in a transaction"));
  if ((ends || aborts) && !is_open()) {
    return failure("Encountered " +
                   std::string(ends ? "EndTransactionRecord" : "AbortTransactionRecord") +
                   " without having seen a BeginTransactionRecord");
  }
  if (begins || (is_open() && !aborts)) waiting_.emplace_back(record, offset);
  if (aborts) waiting_.clear();
  if (is_open() && !ends) return {};
  if (ends) {
    for (const auto& [each, at] : std::exchange(waiting_, {})) apply(each, at);
  } else {
    apply(record, offset);
  }
  return {};
}

}  // namespace ottla::metadata
