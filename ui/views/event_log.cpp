#include "ui/views/event_log.h"

#include <QApplication>
#include <QClipboard>
#include <QKeyEvent>
#include <QMenu>
#include <QPainter>
#include <QScrollBar>
#include <QTimer>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/canvas/fonts.h"
#include "ui/canvas/format.h"
#include "ui/canvas/paint.h"
#include "ui/models/text.h"
#include "ui/views/event_subjects.h"

namespace ottla::ui {
namespace {

// Time, then the glyph in the tone of the event's severity, then what it is about and what it says.
class EventDelegate : public CellDelegate {
 public:
  using CellDelegate::CellDelegate;

  void paint(QPainter* painter, const QStyleOptionViewItem& option,
             const QModelIndex& index) const override {
    const auto* proxy = static_cast<const EventFilterProxy*>(index.model());
    const auto* model = static_cast<const EventsModel*>(proxy->sourceModel());
    const observe::Event& event = model->event(proxy->mapToSource(index).row());
    const Theme& theme = table_->theme();
    painter->save();
    draw_cell_ground(*painter, *table_, option, index);
    const QRectF box = QRectF(option.rect).adjusted(8, 0, -8, -1);
    switch (index.column()) {
      case EventsModel::time_column:
        draw_text(*painter, box.adjusted(8, 0, 0, 0), index.data().toString(), mono(11), theme.t3);
        break;
      case EventsModel::kind_column:
        paintKind(*painter, box, event, index.data().toString());
        break;
      default: paintText(*painter, box, event);
    }
    painter->restore();
  }

 private:
  void paintKind(QPainter& painter, const QRectF& box, const observe::Event& event,
                 const QString& kind) const {
    const Theme& theme = table_->theme();
    const Tone tone = event_tone(event.severity);
    const QColor colour = tone == Tone::neutral ? theme.t3 : tone_colour(theme, tone);
    draw_glyph(painter, event_glyph(event.kind), {box.left() + 5, box.center().y()}, 9, colour);
    draw_text(painter, box.adjusted(18, 0, 0, 0), kind, words(11.5), theme.t2);
  }
  void paintText(QPainter& painter, const QRectF& box, const observe::Event& event) const {
    const Theme& theme = table_->theme();
    QString about;
    if (!event.topic.empty()) {
      about = event.partition ? partition_text(event.topic, *event.partition) : text(event.topic);
    } else if (!event.group.empty()) {
      about = text(event.group);
    }
    double left = box.left();
    if (!about.isEmpty()) {
      left += draw_text(painter, box, about, mono(11.5), theme.t1) + 10;
    }
    const QColor colour = event.severity == observe::Severity::error ? theme.err : theme.t1;
    draw_text(painter, {left, box.top(), box.right() - left, box.height()}, text(event.text),
              words(12), colour);
  }
};

}  // namespace

EventLogDock::EventLogDock(SessionFeed& feed, Selection& selection, const Theme& theme,
                           QWidget* parent)
    : QWidget(parent), feed_(feed), selection_(selection), theme_(&theme) {
  setAccessibleName(tr("Event log"));
  buildBar();
  shown_.setSourceModel(&events_);
  table_ = new Table(theme, this);
  table_->setAccessibleName(tr("Events"));
  table_->setItemDelegate(new EventDelegate(table_));
  table_->setModel(&shown_);
  table_->setColumns({124, 160, 620});
  table_->setContextMenuPolicy(Qt::CustomContextMenu);
  table_->installEventFilter(this);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addWidget(bar_);
  layout->addWidget(table_, 1);

  connect(table_, &QTableView::activated, this, &EventLogDock::choose);
  connect(table_, &QWidget::customContextMenuRequested, this, &EventLogDock::showMenu);
  connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
          &EventLogDock::updateActions);
  connect(&feed_, &SessionFeed::eventsAdded, this, &EventLogDock::takeEvents);
  connect(&feed_, &SessionFeed::eventsCleared, this, [this] { events_.clear(); });
  events_.setStart(feed_.snapshot()->run.start);
  takeEvents(static_cast<int>(feed_.events().size()));
  updateIcons();
  updateActions();
  applyFilter();
  // The view knows its height only once it is laid out.
  QTimer::singleShot(0, table_, &QTableView::scrollToBottom);
}

void EventLogDock::buildBar() {
  bar_ = new PageBar(tr("Event log"), *theme_, this);
  words_ = new QLineEdit(bar_);
  words_->setPlaceholderText(tr("Filter: words, orders-3, broker number"));
  words_->setAccessibleName(tr("Filter events by words"));
  words_->setClearButtonEnabled(true);
  words_->setMaximumWidth(320);
  kind_ = new QComboBox(bar_);
  kind_->setAccessibleName(tr("Kind of event"));
  kind_->addItem(tr("Every kind"), -1);
  for (int kind = 0; kind <= static_cast<int>(observe::EventKind::note); ++kind) {
    kind_->addItem(kind_text(static_cast<observe::EventKind>(kind)), kind);
  }
  severity_ = new QComboBox(bar_);
  severity_->setAccessibleName(tr("Severity"));
  severity_->addItem(tr("Every severity"), static_cast<int>(observe::Severity::info));
  severity_->addItem(tr("Warnings and errors"), static_cast<int>(observe::Severity::warning));
  severity_->addItem(tr("Errors"), static_cast<int>(observe::Severity::error));
  cause_ = make_button(tr("Go to cause"), "flat", bar_);
  cause_->setToolTip(tr("Show the event that led to this one (C)"));
  copy_ = make_button(tr("Copy"), "flat", bar_);
  copy_->setToolTip(tr("Copy the event (Ctrl+C)"));
  bar_->controls()->addWidget(words_, 1);
  bar_->controls()->addWidget(kind_);
  bar_->controls()->addWidget(severity_);
  bar_->controls()->addStretch(1);
  bar_->controls()->addWidget(cause_);
  bar_->controls()->addWidget(copy_);
  connect(words_, &QLineEdit::textChanged, this, &EventLogDock::applyFilter);
  connect(&selection_, &Selection::spanChanged, this, &EventLogDock::applyFilter);
  connect(kind_, &QComboBox::currentIndexChanged, this, &EventLogDock::applyFilter);
  connect(severity_, &QComboBox::currentIndexChanged, this, &EventLogDock::applyFilter);
  connect(cause_, &QToolButton::clicked, this, &EventLogDock::goToCause);
  connect(copy_, &QToolButton::clicked, this, &EventLogDock::copy);
}

void EventLogDock::setTheme(const Theme& theme) {
  theme_ = &theme;
  bar_->setTheme(theme);
  table_->setTheme(theme);
  updateIcons();
}

void EventLogDock::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) updateIcons();
}

void EventLogDock::updateIcons() {
  cause_->setIcon(make_icon(Icon::go_to_cause, *theme_));
  copy_->setIcon(make_icon(Icon::copy, *theme_));
}

void EventLogDock::takeEvents(int count) {
  const QScrollBar* bar = table_->verticalScrollBar();
  const bool at_end =
      bar->value() >= bar->maximum() - table_->verticalHeader()->defaultSectionSize();
  events_.setStart(feed_.snapshot()->run.start);
  events_.append(feed_.events(), count);
  if (at_end) table_->scrollToBottom();
  updateNote();
}

void EventLogDock::applyFilter() {
  EventFilter filter;
  filter.words = words_->text().toLower().toStdString();
  if (kind_->currentData().toInt() >= 0) {
    filter.kind = static_cast<observe::EventKind>(kind_->currentData().toInt());
  }
  filter.severity_min = static_cast<observe::Severity>(severity_->currentData().toInt());
  if (const auto& span = selection_.span()) filter.span = {span->from, span->to};
  shown_.setFilter(std::move(filter));
  const QModelIndex current = table_->currentIndex();
  if (current.isValid()) {
    table_->scrollTo(current, QTableView::PositionAtCenter);
  } else {
    table_->scrollToBottom();
  }
  updateNote();
}

void EventLogDock::updateNote() {
  const std::uint64_t dropped = feed_.eventsDropped();
  QString note =
      QStringLiteral("%1 of %2").arg(number(shown_.rowCount()), number(events_.rowCount()));
  if (const auto& span = selection_.span()) {
    const Instant start = feed_.snapshot()->run.start;
    note += tr(", %1 to %2").arg(clock_text(span->from - start), clock_text(span->to - start));
  }
  if (dropped > 0) {
    note += tr(", %1 older are gone").arg(number(static_cast<std::int64_t>(dropped)));
  }
  bar_->setNote(note);
  table_->setEmptyText(events_.rowCount() == 0 ? tr("Nothing has happened yet.")
                                               : tr("No event matches the filter."));
}

const observe::Event* EventLogDock::currentEvent() const {
  const QModelIndex row = table_->currentIndex();
  return row.isValid() ? &events_.event(shown_.mapToSource(row).row()) : nullptr;
}

void EventLogDock::updateActions() {
  const observe::Event* event = currentEvent();
  copy_->setEnabled(event != nullptr);
  cause_->setEnabled(event != nullptr && event->cause != 0 && events_.rowOf(event->cause) >= 0);
}

void EventLogDock::choose(const QModelIndex& row) {
  if (!row.isValid()) return;
  const observe::Event event = events_.event(shown_.mapToSource(row).row());
  SelectedThing subject = subject_of(event, subjects_of(*feed_.snapshot()));
  if (!std::holds_alternative<std::monostate>(subject)) selection_.select(std::move(subject));
  emit momentChosen(event.at);
}

void EventLogDock::showEvent(std::uint64_t number_of_event) {
  const int row = events_.rowOf(number_of_event);
  if (row < 0) return;
  QModelIndex at = shown_.mapFromSource(events_.index(row, 0));
  if (!at.isValid()) {
    // What was asked for is hidden by the filter: the filter goes.
    words_->clear();
    kind_->setCurrentIndex(0);
    severity_->setCurrentIndex(0);
    at = shown_.mapFromSource(events_.index(row, 0));
  }
  table_->selectRow(at.row());
  table_->scrollTo(at, QTableView::PositionAtCenter);
}

void EventLogDock::goToCause() {
  const observe::Event* event = currentEvent();
  if (event != nullptr && event->cause != 0) showEvent(event->cause);
}

void EventLogDock::copy() {
  const observe::Event* event = currentEvent();
  if (!event) return;
  const QString line = QStringLiteral("%1  %2  %3")
                           .arg(clock_text(event->at - events_.start()),
                                text(observe::name(event->kind)), text(event->text));
  QApplication::clipboard()->setText(line);
}

void EventLogDock::focusFilter() {
  words_->setFocus(Qt::ShortcutFocusReason);
  words_->selectAll();
}

void EventLogDock::showMenu(const QPoint& at) {
  const QModelIndex row = table_->indexAt(at);
  if (!row.isValid()) return;
  table_->selectRow(row.row());
  QMenu menu(this);
  menu.addAction(tr("Select what it is about"), this, [this, row] { choose(row); });
  QAction* cause = menu.addAction(tr("Go to cause"), this, &EventLogDock::goToCause);
  cause->setEnabled(cause_->isEnabled());
  menu.addAction(tr("Copy"), this, &EventLogDock::copy);
  menu.addSeparator();
  const auto kind = static_cast<int>(currentEvent()->kind);
  menu.addAction(tr("Show this kind only"), this,
                 [this, kind] { kind_->setCurrentIndex(kind_->findData(kind)); });
  menu.exec(table_->viewport()->mapToGlobal(at));
}

bool EventLogDock::eventFilter(QObject* watched, QEvent* event) {
  if (watched != table_ || event->type() != QEvent::KeyPress) return false;
  const auto* key = static_cast<QKeyEvent*>(event);
  if (key->matches(QKeySequence::Copy)) return copy(), true;
  if (key->key() == Qt::Key_C && key->modifiers() == Qt::NoModifier) return goToCause(), true;
  if (key->key() == Qt::Key_Slash) return focusFilter(), true;
  if (key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter) {
    return choose(table_->currentIndex()), true;
  }
  return false;
}

}  // namespace ottla::ui
