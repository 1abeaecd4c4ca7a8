#include "ui/views/topic_dialogs.h"

#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/canvas/fonts.h"
#include "ui/canvas/format.h"
#include "ui/models/text.h"

namespace ottla::ui {
namespace {

constexpr int name_length_max = 249;  // Kafka's Topic.MAX_NAME_LENGTH.

QPushButton* add_button(QHBoxLayout* row, const QString& button_words, const char* kind) {
  auto* button = new QPushButton(button_words);
  if (*kind != '\0') button->setProperty("kind", QString::fromLatin1(kind));
  button->setAutoDefault(false);
  row->addWidget(button);
  return button;
}

}  // namespace

QString topic_name_problem(const QString& name) {
  if (name.isEmpty()) return QStringLiteral("A topic needs a name.");
  if (name == QStringLiteral(".") || name == QStringLiteral("..")) {
    return QStringLiteral("A topic cannot be called \".\" or \"..\".");
  }
  if (name.size() > name_length_max) {
    return QStringLiteral("A name has at most %1 characters; this one has %2.")
        .arg(name_length_max)
        .arg(name.size());
  }
  for (const QChar c : name) {
    const bool legal = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '.' || c == '_' || c == '-';
    if (!legal) {
      return QStringLiteral("\"%1\" cannot be in a name. Use letters, digits, \".\", \"_\", \"-\".")
          .arg(c);
    }
  }
  return {};
}

TopicConfigText parse_topic_config(const QString& lines) {
  TopicConfigText parsed;
  int number_of_line = 0;
  for (const QString& raw : lines.split(QChar('\n'))) {
    ++number_of_line;
    const QString line = raw.trimmed();
    if (line.isEmpty() || line.startsWith(QChar('#'))) continue;
    const qsizetype equals = line.indexOf(QChar('='));
    if (equals <= 0) {
      parsed.problem = QStringLiteral("Line %1 is not key=value: %2").arg(number_of_line).arg(line);
      return parsed;
    }
    parsed.config[line.left(equals).trimmed().toStdString()] =
        line.mid(equals + 1).trimmed().toStdString();
  }
  return parsed;
}

CreateTopicDialog::CreateTopicDialog(SessionFeed& feed, const Theme& theme, QWidget* parent)
    : QDialog(parent), feed_(feed) {
  setWindowTitle(tr("Create topic"));
  setMinimumWidth(420);
  const auto brokers = static_cast<int>(feed.snapshot()->brokers.size());
  name_ = new QLineEdit(this);
  name_->setFont(mono(12));
  name_->setAccessibleName(tr("Name"));
  name_->setPlaceholderText(tr("orders"));
  partitions_ = new QSpinBox(this);
  partitions_->setRange(1, 10'000);
  partitions_->setValue(6);
  partitions_->setButtonSymbols(QSpinBox::NoButtons);
  partitions_->setAccessibleName(tr("Partitions"));
  replication_factor_ = new QSpinBox(this);
  replication_factor_->setRange(1, std::max(1, brokers));
  replication_factor_->setValue(std::min(3, std::max(1, brokers)));
  replication_factor_->setButtonSymbols(QSpinBox::NoButtons);
  replication_factor_->setAccessibleName(tr("Replication factor"));
  replication_factor_->setToolTip(tr("At most one replica on each of the %1 brokers").arg(brokers));
  config_ = new QPlainTextEdit(this);
  config_->setFont(mono(12));
  config_->setPlaceholderText(QStringLiteral("min.insync.replicas=2\ncleanup.policy=delete"));
  config_->setAccessibleName(tr("Configuration, one key=value a line"));
  config_->setTabChangesFocus(true);
  config_->setFixedHeight(84);
  error_ = new ErrorBox(theme, this);

  auto* form = new QFormLayout;
  form->setSpacing(8);
  form->setLabelAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  form->addRow(tr("Name"), name_);
  form->addRow(tr("Partitions"), partitions_);
  form->addRow(tr("Replication factor"), replication_factor_);
  form->addRow(tr("Configuration"), config_);
  auto* buttons = new QHBoxLayout;
  buttons->addStretch(1);
  connect(add_button(buttons, tr("Cancel"), ""), &QPushButton::clicked, this, &QDialog::reject);
  create_ = add_button(buttons, tr("Create topic"), "primary");
  create_->setDefault(true);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(16, 16, 16, 16);
  layout->setSpacing(12);
  layout->addLayout(form);
  layout->addWidget(error_);
  layout->addLayout(buttons);
  connect(create_, &QPushButton::clicked, this, &CreateTopicDialog::submit);
  connect(name_, &QLineEdit::textChanged, this, &CreateTopicDialog::checkName);
  checkName();
}

std::string CreateTopicDialog::topicName() const {
  return name_->text().toStdString();
}

void CreateTopicDialog::checkName() {
  const QString problem = topic_name_problem(name_->text());
  create_->setEnabled(problem.isEmpty());
  create_->setToolTip(problem);
  if (problem.isEmpty() || name_->text().isEmpty()) {
    error_->clear();
  } else {
    error_->say(problem);
  }
}

void CreateTopicDialog::submit() {
  const TopicConfigText config = parse_topic_config(config_->toPlainText());
  if (!config.problem.isEmpty()) {
    error_->say(config.problem, tr("Write one key=value a line, such as retention.ms=60000."));
    return;
  }
  observe::CreateTopic wanted;
  wanted.name = topicName();
  wanted.partitions = partitions_->value();
  wanted.replication_factor = static_cast<std::int16_t>(replication_factor_->value());
  wanted.config = config.config;
  create_->setEnabled(false);
  feed_.post({wanted, {}}, this, [this](const QString& reason) {
    create_->setEnabled(true);
    if (reason.isEmpty()) {
      accept();
    } else {
      error_->say(tr("%1 was not created.").arg(name_->text()), reason);
    }
  });
}

DeleteTopicDialog::DeleteTopicDialog(SessionFeed& feed, const Theme& theme, std::string topic,
                                     QWidget* parent)
    : QDialog(parent), error_(new ErrorBox(theme, this)) {
  const QString name = text(topic);
  setWindowTitle(tr("Delete topic"));
  setMinimumWidth(400);
  const observe::TopicState* state = feed.snapshot()->topic(topic);
  const auto partitions = state ? static_cast<std::int64_t>(state->partitions.size()) : 0;
  auto* question =
      new QLabel(tr("%1 has %2. All their records go with it, and its consumers get "
                    "UNKNOWN_TOPIC_OR_PARTITION.")
                     .arg(name, counted(partitions, tr("partition"), tr("partitions"))),
                 this);
  question->setWordWrap(true);
  auto* buttons = new QHBoxLayout;
  buttons->addStretch(1);
  auto* cancel = add_button(buttons, tr("Cancel"), "");
  auto* remove = add_button(buttons, tr("Delete %1").arg(name), "primary");
  cancel->setDefault(true);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(16, 16, 16, 16);
  layout->setSpacing(12);
  layout->addWidget(question);
  layout->addWidget(error_);
  layout->addLayout(buttons);
  connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
  connect(remove, &QPushButton::clicked, this, [this, &feed, name, topic = std::move(topic)] {
    feed.post({observe::DeleteTopic{topic}, {}}, this, [this, name](const QString& reason) {
      if (reason.isEmpty()) {
        accept();
      } else {
        error_->say(tr("%1 was not deleted.").arg(name), reason);
      }
    });
  });
}

}  // namespace ottla::ui
