#include "tests/support/test_registry.h"

#include <filesystem>

#include "tests/support/registered_tests.h"

namespace ottla::test {

std::map<std::string, MakeTest>& registered_tests() {
  static std::map<std::string, MakeTest> tests;
  return tests;
}

bool register_test(const char* source_file, MakeTest make) {
  return registered_tests()
      .emplace(std::filesystem::path(source_file).stem().string(), std::move(make))
      .second;
}

}  // namespace ottla::test
