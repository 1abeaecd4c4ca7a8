// One program holds many Qt Test classes; each registers itself and is run by the name of its file.
//
//   OTTLA_TEST(LogTest)
//   #include "log_test.moc"
#pragma once

#include <QObject>
#include <QTest>
#include <functional>
#include <memory>
#include <string>

namespace ottla::test {

using MakeTest = std::function<std::unique_ptr<QObject>()>;

// Adds a test class under the stem of its source file, such as `log_test`.
bool register_test(const char* source_file, MakeTest make);

}  // namespace ottla::test

#define OTTLA_TEST(Class)                \
  static const bool registered_##Class = \
      ::ottla::test::register_test(__FILE__, [] { return std::make_unique<Class>(); });
