// What opening a log found damaged, in sentences for a person: each names the file and, where it
// bears on records, the byte in it and the offset.
#pragma once

#include <string>
#include <vector>

namespace ottla::storage {

struct LoadReport {
  std::vector<std::string> repairs;  // What was made good, or had to go, and how.
  std::string refusal;  // Why the log was not opened; empty where it was, or where the disk failed.
};

}  // namespace ottla::storage
