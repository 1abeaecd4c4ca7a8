#include "ui/views/fault_menus.h"

#include <QApplication>
#include <QClipboard>
#include <QInputDialog>
#include <algorithm>
#include <functional>
#include <initializer_list>

#include "ui/canvas/format.h"

namespace ottla::ui {
namespace {

using namespace ottla::observe;
using Kind = MapPick::Kind;
using Post = std::function<void(std::optional<Duration>)>;

void add_title(QMenu& menu, const QString& title) {
  QAction* action = menu.addSection(title);
  action->setText(title);
  QAction* heading = menu.addAction(title);
  menu.removeAction(action);
  delete action;
  heading->setEnabled(false);
  menu.addSeparator();
}

// A submenu of durations; the last one lasts until somebody undoes it.
QMenu* add_timed(QMenu& menu, const QString& words, const QString& for_good, bool enabled,
                 const Post& post) {
  QMenu* sub = menu.addMenu(words);
  sub->menuAction()->setEnabled(enabled);
  for (const int seconds : {5, 10, 30}) {
    QAction* action = sub->addAction(QString("for %1 s").arg(seconds));
    QObject::connect(action, &QAction::triggered, sub,
                     [post, seconds] { post(Duration::seconds(seconds)); });
  }
  QAction* action = sub->addAction(for_good);
  QObject::connect(action, &QAction::triggered, sub, [post] { post(std::nullopt); });
  return sub;
}

QAction* add_now(QMenu& menu, const QString& words, bool enabled, std::function<void()> act) {
  QAction* action = menu.addAction(words);
  action->setEnabled(enabled);
  QObject::connect(action, &QAction::triggered, &menu, std::move(act));
  return action;
}

template <class Action>
Post posting(SessionFeed& feed, Action action) {
  return [&feed, action](std::optional<Duration> lasting) { feed.post({action, lasting}); };
}

// What is done to a link or a process in one of several degrees, each for a while.
template <class Action>
struct Degree {
  QString words;
  Action action;
};

template <class Action>
void add_degrees(QMenu& menu, const QString& words, const QString& for_good, bool enabled,
                 SessionFeed& feed, std::initializer_list<Degree<Action>> degrees) {
  QMenu* sub = menu.addMenu(words);
  sub->menuAction()->setEnabled(enabled);
  for (const Degree<Action>& degree : degrees)
    add_timed(*sub, degree.words, for_good, enabled, posting(feed, degree.action));
}

// Every link between what is inside and what is outside.
Post cutting(SessionFeed& feed, const Snapshot& s, std::vector<std::string> inside) {
  std::vector<std::string> outside;
  const auto add = [&](BrokerId id) {
    std::string name = std::to_string(id.value());
    const bool in = std::find(inside.begin(), inside.end(), name) != inside.end();
    const bool twice = std::find(outside.begin(), outside.end(), name) != outside.end();
    if (!in && !twice) outside.push_back(std::move(name));
  };
  for (const BrokerState& b : s.brokers) add(b.id);
  for (const ControllerState& c : s.controllers) add(c.id);
  return [&feed, inside, outside](std::optional<Duration> lasting) {
    for (const std::string& a : inside) {
      for (const std::string& b : outside) feed.post({CutLink{a, b, false}, lasting});
    }
  };
}

void fill_disk(QMenu& menu, const std::string& process, bool can, SessionFeed& feed) {
  const auto slow = [&](std::int64_t millis) {
    return Degree<SlowDisk>{"by " + duration(Duration::millis(millis)),
                            SlowDisk{process, Duration::millis(millis)}};
  };
  const auto spoil = [&](const QString& words, const char* trouble) {
    return Degree<SpoilDisk>{words, SpoilDisk{process, trouble}};
  };
  add_degrees(menu, "Slow the disk's syncs", "until repaired", can, feed,
              {slow(100), slow(500), slow(2000)});
  add_degrees(menu, "Spoil the disk", "until repaired", can, feed,
              {spoil("full", "full"), spoil("reads fail", "read_errors"),
               spoil("writes fail", "write_errors"), spoil("syncs fail", "sync_errors")});
  add_now(menu, "Repair the disk", can, [&feed, process] {
    feed.post({SpoilDisk{process, "none"}, std::nullopt});
    feed.post({SlowDisk{process, Duration()}, std::nullopt});
  });
}

void fill_process(QMenu& menu, const Snapshot& s, const PickedProcess& p, SessionFeed& feed) {
  const bool can = s.capabilities.can_inject_faults;
  const bool down = p.status == ProcessStatus::down;
  const bool paused = p.status == ProcessStatus::paused;
  add_title(menu, p.title);
  add_timed(menu, "Kill", "until restarted", can && !down, posting(feed, Kill{p.name}));
  add_timed(menu, "Power loss", "until restarted", can && !down, posting(feed, PowerLoss{p.name}));
  add_timed(menu, "Shut down", "until restarted", can && !down, posting(feed, Shutdown{p.name}));
  add_now(menu, down ? "Start" : "Restart", can, [&feed, name = p.name] {
    feed.post({Restart{name}, std::nullopt});
  });
  menu.addSeparator();
  add_timed(menu, "Pause", "until resumed", can && !down && !paused, posting(feed, Pause{p.name}));
  add_now(menu, "Resume", can && paused, [&feed, name = p.name] {
    feed.post({Resume{name}, std::nullopt});
  });
  menu.addSeparator();
  add_timed(menu, "Cut from the rest", "until healed", can, cutting(feed, s, {p.name}));
  menu.addSeparator();
  fill_disk(menu, p.name, can && !down, feed);
  menu.addSeparator();
  const auto skew = [&](const QString& words, Duration by) {
    return Degree<SkewClock>{words, SkewClock{p.name, by}};
  };
  add_degrees(menu, "Clock", "until set right", can && !down, feed,
              {skew("1 s ahead", Duration::seconds(1)), skew("1 s behind", Duration::seconds(-1)),
               skew("1 min ahead", Duration::seconds(60))});
  add_now(menu, "Set the clock right", can && !down, [&feed, name = p.name] {
    feed.post({SkewClock{name, Duration()}, std::nullopt});
  });
}

void fill_link_quality(QMenu& menu, const std::string& a, const std::string& b, bool can,
                       SessionFeed& feed) {
  const auto delay = [&](std::int64_t millis) {
    return Degree<DelayLink>{"by " + duration(Duration::millis(millis)),
                             DelayLink{a, b, Duration::millis(millis)}};
  };
  const auto vary = [&](const QString& words, JitterShape shape) {
    constexpr Duration size = Duration::millis(100);
    return Degree<DelayLink>{words, DelayLink{a, b, Duration::millis(20), Jitter{size, shape}}};
  };
  const auto lose = [&](int percent) {
    return Degree<LoseOnLink>{QString("%1 % of the segments").arg(percent),
                              LoseOnLink{a, b, percent / 100.0}};
  };
  const auto narrow = [&](const QString& words, std::uint64_t bytes_per_s) {
    return Degree<NarrowLink>{words, NarrowLink{a, b, bytes_per_s}};
  };
  add_degrees(menu, "Delay", "until healed", can, feed,
              {delay(20), delay(100), delay(500), delay(2000)});
  add_degrees(menu, "Vary", "until healed", can, feed,
              {vary("evenly, up to 100 ms", JitterShape::uniform),
               vary("around 20 ms by 100 ms", JitterShape::normal),
               vary("like a busy queue, 100 ms", JitterShape::exponential),
               vary("with a heavy tail, 100 ms", JitterShape::pareto)});
  add_degrees(menu, "Lose", "until healed", can, feed, {lose(1), lose(10), lose(50)});
  add_degrees(menu, "Narrow", "until healed", can, feed,
              {narrow("to 1 MB/s", 1'000'000), narrow("to 100 kB/s", 100'000),
               narrow("to 10 kB/s", 10'000)});
  add_now(menu, "Reset the connections", can, [&feed, a, b] {
    feed.post({ResetLink{a, b}, std::nullopt});
  });
}

void fill_link(QMenu& menu, const Snapshot& s, const MapPick& pick, SessionFeed& feed) {
  const bool can = s.capabilities.can_inject_faults;
  const std::string a = pick.name;
  const std::string b = pick.peer;
  const QString from = QString::fromStdString(a);
  const QString to = QString::fromStdString(b);
  bool cut = false;
  bool faulty = false;
  for (const LinkState& link : s.links) {
    if (!((link.from == a && link.to == b) || (link.from == b && link.to == a))) continue;
    cut = cut || link.cut;
    faulty = faulty || link.cut || link.faulty_since.has_value();
  }
  add_title(menu, QString("Link %1 – %2").arg(from, to));
  add_timed(menu, "Cut", "until healed", can && !cut, posting(feed, CutLink{a, b, false}));
  add_timed(menu, QString("Cut one way, %1 to %2").arg(from, to), "until healed", can && !cut,
            posting(feed, CutLink{a, b, true}));
  add_timed(menu, QString("Cut one way, %1 to %2").arg(to, from), "until healed", can && !cut,
            posting(feed, CutLink{b, a, true}));
  fill_link_quality(menu, a, b, can, feed);
  menu.addSeparator();
  add_now(menu, "Heal", can && faulty, [&feed, a, b] {
    feed.post({HealLink{a, b}, std::nullopt});
  });
}

void fill_producer(QMenu& menu, const Snapshot& s, const MapPick& pick, SessionFeed& feed) {
  const auto at = std::find_if(s.producers.begin(), s.producers.end(),
                               [&](const ProducerState& p) { return p.name == pick.name; });
  if (at == s.producers.end()) return;
  const bool can = s.capabilities.can_change_workload;
  const std::string name = at->name;
  menu.addSeparator();
  QMenu* rate = menu.addMenu("Rate");
  rate->menuAction()->setEnabled(can);
  const double now = at->target_records_per_s;
  const std::pair<const char*, double> rates[] = {{"Stop", 0},
                                                  {"Half", now / 2},
                                                  {"Double", now > 0 ? now * 2 : 100},
                                                  {"Ten times", now > 0 ? now * 10 : 1000}};
  for (const auto& [words, to] : rates) {
    const QString text = to > 0 ? QString("%1, %2/s").arg(words, short_number(to)) : QString(words);
    add_now(*rate, text, can, [&feed, name, to = to] {
      feed.post({SetProducerRate{name, to}, std::nullopt});
    });
  }
  add_now(*rate, "Set…", can, [&feed, name, now] {
    bool ok = false;
    const double to = QInputDialog::getDouble(QApplication::activeWindow(),
                                              "Rate of " + QString::fromStdString(name),
                                              "Records per second", now, 0, 10'000'000, 0, &ok);
    if (ok) feed.post({SetProducerRate{name, to}, std::nullopt});
  });
  QMenu* hot = menu.addMenu("Hot-key share");
  hot->menuAction()->setEnabled(can);
  for (const int share : {0, 30, 60, 90}) {
    add_now(*hot, share == 0 ? QString("Uniform keys") : QString("%1 % with one key").arg(share),
            can, [&feed, name, share] {
              feed.post({SetHotKeyShare{name, share / 100.0}, std::nullopt});
            });
  }
}

}  // namespace

std::optional<PickedProcess> process_of(const Snapshot& s, const MapPick& pick) {
  const QString name = QString::fromStdString(pick.name);
  switch (pick.kind) {
    case Kind::broker:
      if (const BrokerState* b = s.broker(BrokerId(std::stoi(pick.name)))) {
        return PickedProcess{pick.name, "Broker " + name, b->status};
      }
      return std::nullopt;
    case Kind::controller:
      for (const ControllerState& c : s.controllers) {
        if (std::to_string(c.id.value()) == pick.name) {
          return PickedProcess{pick.name, "Controller " + name, c.status};
        }
      }
      return std::nullopt;
    case Kind::producer:
      for (const ProducerState& p : s.producers) {
        if (p.name == pick.name) return PickedProcess{p.name, "Producer " + name, p.status};
      }
      return std::nullopt;
    case Kind::member:
      if (const GroupState* g = s.group(pick.name)) {
        for (const MemberState& m : g->members) {
          if (m.member_id != pick.peer) continue;
          const bool paused = m.status == MemberStatus::paused || m.status == MemberStatus::expired;
          return PickedProcess{m.client_id, "Member " + QString::fromStdString(m.client_id),
                               paused ? ProcessStatus::paused : ProcessStatus::online};
        }
      }
      return std::nullopt;
    default: return std::nullopt;
  }
}

std::unique_ptr<QMenu> fault_menu(const Snapshot& snapshot, const MapPick& pick,
                                  SessionFeed& feed) {
  auto menu = std::make_unique<QMenu>();
  if (pick.kind == Kind::link) {
    fill_link(*menu, snapshot, pick, feed);
    return menu;
  }
  if (pick.kind == Kind::partition) {
    const TopicState* topic = snapshot.topic(pick.name);
    if (!topic) return menu;
    for (const PartitionState& p : topic->partitions) {
      if (p.index.value() != pick.partition || !p.leader) continue;
      const MapPick leader{Kind::broker, std::to_string(p.leader->value()), {}, -1};
      if (const auto process = process_of(snapshot, leader)) {
        PickedProcess titled = *process;
        titled.title = QString("%1-%2, leader broker %3")
                           .arg(QString::fromStdString(pick.name))
                           .arg(pick.partition)
                           .arg(p.leader->value());
        fill_process(*menu, snapshot, titled, feed);
      }
    }
    return menu;
  }
  if (const auto process = process_of(snapshot, pick)) {
    fill_process(*menu, snapshot, *process, feed);
    if (pick.kind == Kind::producer) fill_producer(*menu, snapshot, pick, feed);
  }
  return menu;
}

std::unique_ptr<QMenu> partition_menu(const Snapshot& snapshot,
                                      const std::vector<std::string>& brokers, SessionFeed& feed) {
  auto menu = std::make_unique<QMenu>();
  add_title(*menu, counted(static_cast<std::int64_t>(brokers.size()), "broker", "brokers"));
  add_timed(*menu, "Cut from the rest", "until healed", snapshot.capabilities.can_inject_faults,
            cutting(feed, snapshot, brokers));
  return menu;
}

}  // namespace ottla::ui
