// Small parts that pages share: a title bar, the box that says what went wrong, and a refresh that
// runs only while its page is seen.
#pragma once

#include <QElapsedTimer>
#include <QHBoxLayout>
#include <QLabel>
#include <QTimer>
#include <QToolButton>
#include <QWidget>
#include <functional>

#include "ui/canvas/icons.h"
#include "ui/canvas/theme.h"
#include "ui/feed/session_feed.h"

namespace ottla::ui {

// The toolbar of a page, 36 high: a title, what it counts, then controls. Draws its own ground.
class PageBar : public QWidget {
  Q_OBJECT

 public:
  PageBar(const QString& title, const Theme& theme, QWidget* parent = nullptr);
  void setTheme(const Theme& theme);
  void setTitle(const QString& title);
  void setNote(const QString& note);
  // Where controls go, after the title and its note.
  [[nodiscard]] QHBoxLayout* controls() { return controls_; }
  // As high as a section's title within a page: 28, without a line under it.
  void setSection(bool section);

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  const Theme* theme_;
  QString title_;
  QString note_;
  bool section_ = false;
  QWidget* space_;
  QHBoxLayout* controls_;
};

// A button of a page's toolbar: `kind` picks the look, see style_sheet.h.
[[nodiscard]] QToolButton* make_button(const QString& words, const char* kind, QWidget* parent);

// What happened, what to do, and one button; hidden while there is nothing to say.
class ErrorBox : public QWidget {
  Q_OBJECT

 public:
  explicit ErrorBox(const Theme& theme, QWidget* parent = nullptr);
  void setTheme(const Theme& theme);
  void say(const QString& what, const QString& what_to_do = {});
  void clear() { hide(); }
  [[nodiscard]] QString what() const { return what_; }

 protected:
  void paintEvent(QPaintEvent* event) override;
  QSize sizeHint() const override;

 private:
  const Theme* theme_;
  QString what_;
  QString what_to_do_;
};

// Calls `refresh` when the snapshot changed, at most every `every_ms` (less often when it takes
// long), and only while `page` is visible; once more when it appears.
class PageRefresh : public QObject {
  Q_OBJECT

 public:
  PageRefresh(SessionFeed& feed, QWidget* page, std::function<void()> refresh, int every_ms = 100);
  void now();

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void changed();

  QWidget* page_;
  std::function<void()> refresh_;
  int every_ms_;
  qint64 pause_ms_ = 0;
  QElapsedTimer since_;
  QTimer later_;
};

}  // namespace ottla::ui
