// Create topic and Delete topic. A refusal is shown where it happened and the dialog stays.
#pragma once

#include <QDialog>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSpinBox>
#include <map>
#include <string>

#include "ui/feed/session_feed.h"
#include "ui/views/page_parts.h"

namespace ottla::ui {

// Why Kafka would not take this name; empty when it would.
[[nodiscard]] QString topic_name_problem(const QString& name);

// Lines of `key=value`; blank lines and lines that begin with # count for nothing.
struct TopicConfigText {
  std::map<std::string, std::string> config;
  QString problem;  // The first line that is neither, in words; empty when all is well.
};
[[nodiscard]] TopicConfigText parse_topic_config(const QString& lines);

class CreateTopicDialog : public QDialog {
  Q_OBJECT

 public:
  CreateTopicDialog(SessionFeed& feed, const Theme& theme, QWidget* parent = nullptr);
  [[nodiscard]] std::string topicName() const;

 private:
  void submit();
  void checkName();

  SessionFeed& feed_;
  QLineEdit* name_;
  QSpinBox* partitions_;
  QSpinBox* replication_factor_;
  QPlainTextEdit* config_;
  ErrorBox* error_;
  QPushButton* create_;
};

class DeleteTopicDialog : public QDialog {
  Q_OBJECT

 public:
  DeleteTopicDialog(SessionFeed& feed, const Theme& theme, std::string topic,
                    QWidget* parent = nullptr);

 private:
  ErrorBox* error_;
};

}  // namespace ottla::ui
