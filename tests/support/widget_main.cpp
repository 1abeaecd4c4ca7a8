// The main of programs that test widgets: the shared runner inside a QApplication, with settings of
// its own so that a test neither reads nor changes a person's.
#include <QApplication>
#include <QSettings>
#include <QStandardPaths>

#include "tests/support/registered_tests.h"

int main(int argc, char** argv) {
  if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
  QStandardPaths::setTestModeEnabled(true);
  QApplication application(argc, argv);
  QApplication::setStyle(QStringLiteral("Fusion"));
  QApplication::setOrganizationName(QStringLiteral("ottla-tests"));
  QApplication::setApplicationName(QStringLiteral("ottla-tests"));
  QSettings().clear();
  return ottla::test::run_all(argc, argv);
}
