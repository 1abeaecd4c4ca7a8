#include "engine/storage/storage_error.h"

namespace ottla::storage {

std::string_view message(StorageError error) {
  switch (error) {
    case StorageError::disk_full: return "no space left on the disk";
    case StorageError::disk_read_only: return "the disk is read-only";
    case StorageError::disk_failed: return "the disk failed to read or write";
    case StorageError::file_missing: return "a file of the log is missing";
    case StorageError::corrupt: return "the record batches are corrupt";
    case StorageError::offset_out_of_range: return "the offset is outside of the log";
    case StorageError::batches_too_large: return "the batches are larger than a segment may be";
    case StorageError::offset_went_back: return "the batch begins before the end of the log";
    case StorageError::leader_epoch_went_back:
      return "the batch is of an older leader epoch than the log";
    case StorageError::out_of_order_sequence:
      return "the producer's sequence number is out of order";
    case StorageError::invalid_producer_epoch:
      return "the producer's epoch is older than the last seen";
    case StorageError::invalid_transaction_state:
      return "the producer has an open transaction and sent a batch outside of it";
    case StorageError::coordinator_fenced: return "the transaction coordinator has been replaced";
  }
  return "unknown storage error";
}

StorageError storage_error(DiskError error) {
  switch (error) {
    case DiskError::not_found: return StorageError::file_missing;
    case DiskError::no_space: return StorageError::disk_full;
    case DiskError::read_only: return StorageError::disk_read_only;
    case DiskError::already_exists:
    case DiskError::input_output: return StorageError::disk_failed;
  }
  return StorageError::disk_failed;
}

protocol::ErrorCode error_code_of(StorageError error) {
  using protocol::ErrorCode;
  switch (error) {
    case StorageError::disk_full:
    case StorageError::disk_read_only:
    case StorageError::disk_failed:
    case StorageError::file_missing: return ErrorCode::kafka_storage_error;
    case StorageError::corrupt: return ErrorCode::corrupt_message;
    case StorageError::offset_out_of_range: return ErrorCode::offset_out_of_range;
    case StorageError::batches_too_large: return ErrorCode::record_list_too_large;
    case StorageError::offset_went_back: return ErrorCode::unknown_server_error;
    case StorageError::leader_epoch_went_back: return ErrorCode::fenced_leader_epoch;
    case StorageError::out_of_order_sequence: return ErrorCode::out_of_order_sequence_number;
    case StorageError::invalid_producer_epoch: return ErrorCode::invalid_producer_epoch;
    case StorageError::invalid_transaction_state: return ErrorCode::invalid_txn_state;
    case StorageError::coordinator_fenced: return ErrorCode::transaction_coordinator_fenced;
  }
  return ErrorCode::unknown_server_error;
}

}  // namespace ottla::storage
