#include "ui/views/command_palette.h"

#include <QApplication>
#include <QEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QTextLayout>
#include <algorithm>

#include "ui/canvas/fonts.h"
#include "ui/canvas/paint.h"
#include "ui/models/text.h"
#include "ui/views/fuzzy.h"

namespace ottla::ui {
namespace {

constexpr double box_width = 560;
constexpr double field_height = 40;
constexpr double row_height = 32;
constexpr std::size_t entries_max = 200;

// Words with the matched letters in weight 600.
double draw_matched(QPainter& painter, const QRectF& box, const QString& words_of,
                    const std::vector<int>& matched, const QColor& plain, const QColor& strong) {
  QTextLayout layout(words_of, words(12.5));
  QList<QTextLayout::FormatRange> ranges;
  QTextCharFormat bold;
  bold.setFont(words(12.5, 600));
  bold.setForeground(strong);
  for (const int at : matched) ranges.push_back({at, 1, bold});
  layout.setFormats(ranges);
  layout.beginLayout();
  QTextLine line = layout.createLine();
  line.setLineWidth(100'000);
  layout.endLayout();
  painter.setPen(plain);
  painter.save();
  painter.setClipRect(box);
  layout.draw(&painter, {box.left(), box.center().y() - line.height() / 2});
  painter.restore();
  return line.naturalTextWidth();
}

}  // namespace

CommandPalette::CommandPalette(SessionFeed& feed, Selection& selection, const Theme& theme,
                               QWidget* parent)
    : QWidget(parent), feed_(feed), selection_(selection), theme_(&theme) {
  setAccessibleName(tr("Command palette"));
  setMouseTracking(true);
  field_ = new QLineEdit(this);
  field_->setPlaceholderText(tr("Search, or run a command"));
  field_->setAccessibleName(tr("Search, or run a command"));
  field_->setFrame(false);
  field_->setStyleSheet(QStringLiteral(
      "QLineEdit, QLineEdit:focus { background: transparent; border: none; padding: 0; }"));
  field_->setFont(words(13));
  field_->installEventFilter(this);
  connect(field_, &QLineEdit::textChanged, this, &CommandPalette::search);
  if (parent) parent->installEventFilter(this);
  hide();
}

void CommandPalette::setTheme(const Theme& theme) {
  theme_ = &theme;
  update();
}

void CommandPalette::addCommand(Command command) {
  commands_.push_back(std::move(command));
}

QStringList CommandPalette::listed() const {
  QStringList names;
  for (const Entry& entry : entries_) names << entry.command.name;
  return names;
}

void CommandPalette::open() {
  focus_before_ = QApplication::focusWidget();
  gatherObjects();
  field_->clear();
  search({});
  if (parentWidget()) setGeometry(parentWidget()->rect());
  layOut();
  show();
  raise();
  field_->setFocus(Qt::ShortcutFocusReason);
  emit opened();
}

void CommandPalette::close() {
  if (!isVisible()) return;
  hide();
  if (focus_before_) focus_before_->setFocus(Qt::OtherFocusReason);
  emit closed();
}

void CommandPalette::addObject(const QString& name, const QString& place, Icon icon,
                               SelectedThing thing) {
  Command go{name, place, {}, [this, thing = std::move(thing)] {
               selection_.select(thing);
               emit objectChosen();
             }};
  go.icon = icon;
  objects_.push_back(std::move(go));
}

void CommandPalette::gatherObjects() {
  const auto snapshot = feed_.snapshot();
  objects_.clear();
  for (const auto& broker : snapshot->brokers) {
    addObject(QStringLiteral("broker %1").arg(broker.id.value()), tr("Broker"), Icon::broker,
              SelectedBroker{broker.id});
  }
  for (const auto& controller : snapshot->controllers) {
    addObject(QStringLiteral("controller %1").arg(controller.id.value()), tr("Controller"),
              Icon::controller, SelectedController{controller.id});
  }
  for (const auto& topic : snapshot->topics) {
    addObject(text(topic->name), tr("Topic"), Icon::topic, SelectedTopic{topic->name});
    for (const auto& partition : topic->partitions) {
      addObject(partition_text(topic->name, partition.index), tr("Partition"), Icon::partition,
                SelectedPartition{topic->name, partition.index});
    }
  }
  for (const auto& group : snapshot->groups) {
    addObject(text(group->name), tr("Group"), Icon::group, SelectedGroup{group->name});
    for (const auto& member : group->members) {
      const std::string& label = member.client_id.empty() ? member.member_id : member.client_id;
      addObject(text(label), tr("Member of %1").arg(text(group->name)), Icon::consumer,
                SelectedMember{group->name, member.member_id});
    }
  }
  for (const auto& producer : snapshot->producers) {
    addObject(text(producer.name), tr("Producer"), Icon::producer, SelectedProducer{producer.name});
  }
}

void CommandPalette::search(const QString& typed) {
  entries_.clear();
  const auto consider = [&](const Command& command, int bonus) {
    if (command.enabled && !command.enabled()) return;
    const auto match = fuzzy_match(typed, command.name);
    if (match) entries_.push_back({command, match->positions, match->score + bonus});
  };
  for (const Command& command : commands_) consider(command, 3);
  // Without a word typed, thousands of objects help nobody.
  if (!typed.trimmed().isEmpty()) {
    for (const Command& object : objects_) consider(object, 0);
  }
  std::stable_sort(entries_.begin(), entries_.end(),
                   [](const Entry& a, const Entry& b) { return a.score > b.score; });
  if (entries_.size() > entries_max) entries_.resize(entries_max);
  current_ = 0;
  first_ = 0;
  layOut();
  update();
}

void CommandPalette::layOut() {
  const double width_of = std::min(box_width * text_scale(), width() - 32.0);
  const auto rows = std::clamp(static_cast<int>(entries_.size()), 1, rows_max);
  const double height_of = field_height + 1 + rows * row_height + 8;
  box_ = QRectF(std::round((width() - width_of) / 2), std::round(height() * 0.15), width_of,
                height_of);
  field_->setGeometry(
      QRectF(box_.left() + 42, box_.top() + 6, box_.width() - 58, field_height - 12).toRect());
}

QRectF CommandPalette::rowBox(int row) const {
  return {box_.left() + 4, box_.top() + field_height + 5 + (row - first_) * row_height,
          box_.width() - 8, row_height};
}

void CommandPalette::resizeEvent(QResizeEvent*) {
  layOut();
}

void CommandPalette::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.fillRect(rect(), with_alpha(theme_->bg, theme_->is_dark ? 0.55 : 0.4));
  draw_pop_up_shadow(painter, box_, 8, *theme_);
  draw_box(painter, box_, 8, theme_->card, theme_->line2);
  draw_icon(painter, Icon::search, {box_.left() + 24, box_.top() + field_height / 2}, 18,
            theme_->t3);
  painter.fillRect(QRectF(box_.left() + 1, box_.top() + field_height, box_.width() - 2, 1),
                   theme_->line);
  if (entries_.empty()) {
    draw_text(painter, rowBox(0).adjusted(14, 0, -14, 0),
              tr("Nothing is called that. Try broker 4, orders-3 or a command's name."), words(12),
              theme_->t3);
    return;
  }
  const int last = std::min(static_cast<int>(entries_.size()), first_ + rows_max);
  for (int row = first_; row < last; ++row) {
    paintEntry(painter, rowBox(row), entries_[static_cast<std::size_t>(row)], row == current_);
  }
}

void CommandPalette::paintEntry(QPainter& painter, const QRectF& row, const Entry& entry,
                                bool current) const {
  if (current) draw_box(painter, row, 5, theme_->accent_bg);
  draw_icon(painter, entry.command.icon, {row.left() + 20, row.center().y()}, 16,
            current ? theme_->accent : theme_->t2);
  double right = row.right() - 12;
  if (!entry.command.shortcut.isEmpty()) {
    const QFont font = mono(11);
    const double width_of = text_width(entry.command.shortcut, font);
    draw_text(painter, {right - width_of, row.top(), width_of + 1, row.height()},
              entry.command.shortcut, font, theme_->t2, Qt::AlignRight | Qt::AlignVCenter);
    right -= width_of + 12;
  }
  const double left = row.left() + 38;
  const double name = draw_matched(painter, {left, row.top(), right - left, row.height()},
                                   entry.command.name, entry.matched, theme_->t1, theme_->t1);
  draw_text(painter, {left + name + 10, row.top(), right - left - name - 10, row.height()},
            entry.command.place, words(11.5), theme_->t3);
}

void CommandPalette::moveCurrent(int by) {
  if (entries_.empty()) return;
  const auto count = static_cast<int>(entries_.size());
  // One step wraps around; a page stops at the ends.
  current_ =
      std::abs(by) == 1 ? (current_ + by + count) % count : std::clamp(current_ + by, 0, count - 1);
  first_ = std::clamp(first_, current_ - rows_max + 1, current_);
  field_->setAccessibleDescription(entries_[static_cast<std::size_t>(current_)].command.name);
  update();
}

void CommandPalette::runCurrent() {
  if (entries_.empty()) return;
  const auto run = entries_[static_cast<std::size_t>(current_)].command.run;
  close();
  if (run) run();
}

void CommandPalette::mousePressEvent(QMouseEvent* event) {
  if (!box_.contains(event->position())) return close();
  for (int row = first_; row < static_cast<int>(entries_.size()) && row < first_ + rows_max;
       ++row) {
    if (!rowBox(row).contains(event->position())) continue;
    current_ = row;
    return runCurrent();
  }
}

void CommandPalette::mouseMoveEvent(QMouseEvent* event) {
  for (int row = first_; row < static_cast<int>(entries_.size()) && row < first_ + rows_max;
       ++row) {
    if (row != current_ && rowBox(row).contains(event->position())) {
      current_ = row;
      update();
    }
  }
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
  if (watched == parentWidget() && event->type() == QEvent::Resize && isVisible()) {
    setGeometry(parentWidget()->rect());
    return false;
  }
  if (watched != field_ || event->type() != QEvent::KeyPress) return false;
  switch (static_cast<QKeyEvent*>(event)->key()) {
    case Qt::Key_Down:
    case Qt::Key_Tab: return moveCurrent(1), true;
    case Qt::Key_Up:
    case Qt::Key_Backtab: return moveCurrent(-1), true;
    case Qt::Key_PageDown: return moveCurrent(rows_max), true;
    case Qt::Key_PageUp: return moveCurrent(-rows_max), true;
    case Qt::Key_Return:
    case Qt::Key_Enter: return runCurrent(), true;
    case Qt::Key_Escape: return close(), true;
    default: return false;
  }
}

}  // namespace ottla::ui
