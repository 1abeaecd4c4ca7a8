// share.auto.offset.reset: which texts are a strategy. The durations are those that
// java.time.Duration takes, or does not.
#include "engine/metadata/offset_reset.h"

#include "tests/support/test_registry.h"

using namespace ottla::metadata;

namespace {

class OffsetResetTest : public QObject {
  Q_OBJECT

 private slots:
  void strategies_are_taken() {
    for (const char* text :
         {"earliest", "latest", "by_duration:PT1H", "by_duration:P2D", "by_duration:P1DT2H3M4.5S",
          "by_duration:p1dt2h", "by_duration:PT0S", "by_duration:PT-1M61S", "by_duration:-PT-5S"}) {
      QVERIFY2(is_offset_reset(text), text);
    }
  }

  void anything_else_is_refused() {
    for (const char* text :
         {"", "none", "LATEST", "by_duration", "by_duration:", "by_duration:P", "by_duration:PT",
          "by_duration:P1DT", "by_duration:1H", "by_duration:PT1H2", "by_duration:P1H",
          "by_duration:PT1M2H", "by_duration:P-1D", "by_duration:-PT1S", "by_duration:PT1.5M",
          "by_duration: PT1S", "BY_DURATION:PT1S"}) {
      QVERIFY2(!is_offset_reset(text), text);
    }
  }

  void a_very_long_duration_is_refused() {
    QVERIFY(!is_offset_reset("by_duration:PT" + std::string(100'000, '1') + "S"));
  }
};

}  // namespace

OTTLA_TEST(OffsetResetTest)
#include "offset_reset_test.moc"
