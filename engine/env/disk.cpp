#include "engine/env/disk.h"

namespace ottla {

std::string_view describe(DiskError error) {
  switch (error) {
    case DiskError::not_found: return "no such file";
    case DiskError::already_exists: return "the file exists already";
    case DiskError::no_space: return "no space left on the disk";
    case DiskError::read_only: return "the disk is read-only";
    case DiskError::input_output: return "the disk failed to read or write";
  }
  return "unknown disk error";
}

DiskResult<void> replace_file(Disk& disk, std::string_view path, const ByteChain& content) {
  const std::string temporary = std::string(path) + ".tmp";
  if (auto gone = disk.remove(temporary); !gone && gone.error() != DiskError::not_found)
    return gone;
  const auto file = disk.open(temporary, Disk::Open::create_new);
  if (!file) return failure(file.error());
  const auto written = disk.append(*file, content);
  disk.close(*file);
  if (!written) return written;
  return disk.rename(temporary, path);
}

DiskResult<Bytes> read_file(Disk& disk, std::string_view path) {
  const auto file = disk.open(path, Disk::Open::existing);
  if (!file) return failure(file.error());
  const auto size = disk.size(*file);
  const auto content =
      size ? disk.read(*file, 0, *size) : DiskResult<ByteChain>(failure(size.error()));
  disk.close(*file);
  if (!content) return failure(content.error());
  return content->flatten();
}

}  // namespace ottla
