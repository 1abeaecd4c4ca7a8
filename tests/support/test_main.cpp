// Runs the named test class, or all of them: `test_engine.storage [log_test] [Qt Test options]`. A
// name that is not there is an error, so that a renamed file cannot turn its test green.
#include <QCoreApplication>
#include <cstdio>

#include "tests/support/registered_tests.h"

namespace ottla::test {

int run_all(int argc, char** argv) {
  const bool named = argc > 1 && argv[1][0] != '-';
  if (named && registered_tests().count(argv[1]) == 0) {
    std::fprintf(stderr, "%s holds no test named %s\n", argv[0], argv[1]);
    return 1;
  }
  QStringList options{QString::fromLocal8Bit(argv[0])};
  for (int i = named ? 2 : 1; i < argc; ++i) options << QString::fromLocal8Bit(argv[i]);
  int failures = 0;
  for (const auto& [name, make] : registered_tests()) {
    if (named && name != argv[1]) continue;
    const auto test = make();
    failures += QTest::qExec(test.get(), options);
  }
  return failures == 0 ? 0 : 1;
}

}  // namespace ottla::test

// Weak, so that a program of widget tests can bring its own with a QApplication.
__attribute__((weak)) int main(int argc, char** argv) {
  QCoreApplication application(argc, argv);
  return ottla::test::run_all(argc, argv);
}
