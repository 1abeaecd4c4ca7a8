// The tests of this program, by the stem of their source file.
#pragma once

#include <map>
#include <string>

#include "tests/support/test_registry.h"

namespace ottla::test {

std::map<std::string, MakeTest>& registered_tests();
// Runs one test class: in a QApplication where the program links one, see widget_main.cpp.
int run_all(int argc, char** argv);

}  // namespace ottla::test
