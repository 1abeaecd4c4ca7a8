#include <QRegularExpression>
#include <algorithm>
#include <cmath>

#include "ui/canvas/format.h"
#include "ui/canvas/map_painter.h"

namespace ottla::ui {
namespace {

using observe::GroupState;
using observe::MemberState;
using observe::ProducerState;

void paint_heading(QPainter& painter, const MapScene& scene, const QRectF& at,
                   const QString& text) {
  const double z = std::max(0.92, scene.view.scale);
  QRectF box = scene.view.to_pixels(at);
  box.setWidth(std::max(box.width(), 60.0));
  draw_text(painter, box, text, words(11 * z, 600), scene.theme->t3);
}

void paint_more(QPainter& painter, const MapScene& scene, const QRectF& at, std::size_t more) {
  if (at.isEmpty()) return;
  draw_text(painter, scene.view.to_pixels(at), QString("%1 more").arg(more),
            words(11 * std::max(0.92, scene.view.scale)), scene.theme->t3);
}

Tone group_trouble(const GroupState& group) {
  return group_look(group.state).tone;
}

// What stands at the right of a member's row: its state when that matters, else its part.
void paint_member(QPainter& painter, const MapScene& scene, const GroupState& group,
                  const MemberState& member, const QRectF& row) {
  const Theme& t = *scene.theme;
  const double z = std::max(0.92, scene.view.scale);
  const StateLook look = member_look(member.status);
  const bool rebalancing = group.state != "Stable";
  const bool expired = member.status == observe::MemberStatus::expired;
  const double left = row.left() + 32 * scene.view.scale;
  const QString name =
      QString::fromStdString(member.client_id.empty() ? member.member_id : member.client_id);
  const QFont font = mono(11 * z);
  QString right =
      counted(static_cast<std::int64_t>(member.assignment.size()), "partition", "partitions");
  QColor colour = t.t2;
  const bool state = rebalancing || member.status != observe::MemberStatus::consuming;
  if (state) {
    right = look.words;
    colour = tone_colour(t, look.tone);
  }
  const QRectF inner(left, row.top(), row.right() - 10 - left, row.height());
  double used = 0;
  const double needs = text_width(name, font) + 8;
  if (text_width(right, words(11 * z)) + (state ? 14 : 0) < inner.width() - needs) {
    used = draw_text(painter, inner, right, words(11 * z),
                     state && !expired && look.tone == Tone::good ? t.t2 : colour,
                     Qt::AlignRight | Qt::AlignVCenter);
    if (state) {
      draw_glyph(painter, look.glyph, {inner.right() - used - 10, row.center().y()}, 9, colour);
      used += 18;
    }
  } else if (state) {
    draw_glyph(painter, look.glyph, {inner.right() - 5, row.center().y()}, 9, colour);
    used = 14;
  }
  draw_text(painter, inner.adjusted(0, 0, -used - 2, 0), name, font, expired ? t.err : t.t1);
}

void paint_group_foot(QPainter& painter, const MapScene& scene, const GroupState& group,
                      const QRectF& box, double top) {
  const Theme& t = *scene.theme;
  const double z = std::max(0.92, scene.view.scale);
  painter.setPen(t.line);
  painter.drawLine(QPointF(box.left() + 10, top), QPointF(box.right() - 10, top));
  const double row = 16 * z;
  QRectF line(box.left() + 10, top + 5, box.width() - 20, row);
  const double seconds = group.lag_time ? group.lag_time->count_seconds() : 0;
  const QColor colour = seconds > 30 ? t.err : seconds > 5 ? t.warn : t.t1;
  draw_text(painter, line, "Lag", words(11 * z), t.t3);
  draw_text(painter, line,
            number(group.lag) + (group.lag_time ? " · " + duration(*group.lag_time) : QString()),
            mono(11 * z), colour, Qt::AlignRight | Qt::AlignVCenter);
  line.translate(0, row);
  draw_text(painter, line, "Coordinator", words(11 * z), t.t3);
  draw_text(
      painter, line,
      group.coordinator ? "broker " + QString::number(group.coordinator->value()) : unknown_value(),
      mono(11 * z), t.t2, Qt::AlignRight | Qt::AlignVCenter);
  if (group.state == "Stable") return;
  line.translate(0, row);
  const QString since = duration(scene.snapshot->run.now - group.state_since) + " so far";
  QString why = QString::fromStdString(group.why).section(QRegularExpression("[,.]"), 0, 0);
  if (!why.isEmpty()) why = ", " + why.left(1).toLower() + why.mid(1);
  draw_text(painter, line, since + why, words(11 * z),
            tone_colour(t, group_look(group.state).tone));
}

}  // namespace

void paint_producers(QPainter& painter, const MapScene& scene) {
  if (!scene.layout->clients_shown()) return;
  const Theme& t = *scene.theme;
  const double z = scene.view.scale;
  const double text = std::max(0.92, z);
  paint_heading(painter, scene, scene.layout->producers_header, "Producers");
  for (std::size_t i = 0; i < scene.layout->producers.size(); ++i) {
    const ProducerState& p = scene.snapshot->producers[i];
    const QRectF box = scene.view.to_pixels(scene.layout->producers[i]);
    const bool failing = !p.last_error.empty();
    const bool down = p.status == observe::ProcessStatus::down;
    const bool paused = p.status == observe::ProcessStatus::paused;
    const QColor hue = down                ? t.err
                       : paused || failing ? t.warn
                                           : t.family(observe::ApiFamily::produce);
    if (down) {
      draw_dashed_box(painter, box, 6, mixed(t.card, t.err_bg, 0.6), t.err, 4, 3);
    } else {
      draw_box(painter, box, 6, t.card, failing || paused ? t.warn : t.line2);
    }
    const double pad = 11 * z;
    const double row = (box.height() - 8 * z) / 3;
    QRectF line(box.left() + pad, box.top() + 4 * z, box.width() - pad - 8 * z, row);
    const bool small = row < 13;
    if (small) line = box.adjusted(pad, 0, -6, 0);
    draw_glyph(painter,
               down     ? Glyph::cross
               : paused ? Glyph::pause
                        : Glyph::dot,
               {line.left() + 5, line.center().y()}, 11 * text, hue);
    draw_text(painter, line.adjusted(16 * text, 0, 0, 0), QString::fromStdString(p.name),
              words(12 * text, 600), t.t1);
    if (!small) {
      line.translate(0, row);
      const double used = draw_text(painter, line, "to", words(11 * text), t.t3) + 5;
      draw_text(painter, line.adjusted(used, 0, 0, 0), QString::fromStdString(p.topic),
                mono(11 * text), t.t2);
      line.translate(0, row);
      const QString rate = short_number(p.records_per_s) + "/s";
      const double rate_width = draw_text(painter, line, rate, mono(11 * text), t.t2);
      const QRectF rest = line.adjusted(rate_width + 6, 0, 0, 0);
      if (failing) {
        draw_text(painter, rest, QString::fromStdString(p.last_error), words(10.5 * text), t.warn,
                  Qt::AlignRight | Qt::AlignVCenter);
      } else if (p.hot_key_share > 0) {
        const double hot = draw_text(painter, rest, "hot", words(11 * text), t.heat,
                                     Qt::AlignRight | Qt::AlignVCenter);
        draw_glyph(painter, Glyph::flame, {rest.right() - hot - 9, rest.center().y()}, 10, t.heat);
      } else {
        draw_text(painter, rest, "acks=" + QString::fromStdString(p.acks), words(11 * text), t.t3,
                  Qt::AlignRight | Qt::AlignVCenter);
      }
    }
    if (scene.is_selected(MapPick::Kind::producer, p.name)) draw_selection_ring(painter, box, 6, t);
  }
  paint_more(painter, scene, scene.layout->more_producers,
             scene.snapshot->producers.size() - scene.layout->producers.size());
}

void paint_real_clients(QPainter& painter, const MapScene& scene) {
  if (!scene.layout->clients_shown()) return;
  const Theme& t = *scene.theme;
  const observe::Snapshot& s = *scene.snapshot;
  const double z = std::max(0.92, scene.view.scale);
  const QRectF box = scene.view.to_pixels(scene.layout->real_clients);
  if (scene.view.scale > 0.7) {
    draw_text(painter, {box.left(), box.top() - 20 * z, box.width(), 16 * z}, "Real clients",
              words(11 * z, 600), t.t3);
  }
  const bool any = !s.real_clients.empty();
  if (any) {
    draw_box(painter, box, 6, t.card, t.line2);
  } else {
    draw_dashed_box(painter, box, 6, {}, t.line2, 4, 3);
  }
  const bool hovered = scene.hovered.kind == MapPick::Kind::real_clients;
  const double row = (box.height() - 8) / 4;
  QRectF line(box.left() + 10, box.top() + 4, box.width() - 16, row);
  const QColor live = t.family(observe::ApiFamily::fetch);
  draw_glyph(painter, any ? Glyph::dot : Glyph::empty_ring, {line.left() + 5, line.center().y()}, 9,
             any ? live : t.t3);
  draw_text(painter, line.adjusted(16, 0, 0, 0), any ? "Connected" : "Connect one",
            words(12 * z, 600), t.t1);
  const QString servers = QString::fromStdString(s.bootstrap);
  const auto count = static_cast<std::int64_t>(s.real_clients.size());
  const std::pair<QString, QFont> lines[] = {
      {hovered && !servers.isEmpty() ? "click to copy" : "bootstrap.servers", words(11 * z)},
      {servers.isEmpty() ? "nothing listens" : servers.section(',', 0, 0), mono(11 * z)},
      {any ? counted(count, "connection", "connections") : "none connected", words(11 * z)}};
  if (row < 13) return;
  for (std::size_t i = 0; i < 3; ++i) {
    line.translate(0, row);
    draw_text(painter, line, lines[i].first, lines[i].second,
              i == 1 ? (hovered ? t.accent : t.t1) : t.t3);
  }
}

void paint_groups(QPainter& painter, const MapScene& scene) {
  if (!scene.layout->clients_shown()) return;
  const Theme& t = *scene.theme;
  const double z = scene.view.scale;
  const double text = std::max(0.92, z);
  paint_heading(painter, scene, scene.layout->groups_header, "Consumer groups");
  for (std::size_t g = 0; g < scene.layout->groups.size(); ++g) {
    const GroupState& group = *scene.snapshot->groups[g];
    const QRectF box = scene.view.to_pixels(scene.layout->groups[g]);
    const StateLook look = group_look(group.state);
    const bool trouble = group_trouble(group) != Tone::good;
    const QColor tone = tone_colour(t, look.tone);
    draw_box(painter, box, 6, t.card, trouble ? tone : t.line2);
    if (trouble) painter.fillRect(QRectF(box.left(), box.top() + 4, 3, box.height() - 8), tone);
    const QRectF title(box.left() + 10, box.top() + 5 * z, box.width() - 16,
                       std::max(21.0, 22 * z));
    ChipLook chip{look.words, look.glyph, look.tone, 0};
    const double name_width = text_width(QString::fromStdString(group.name), words(13 * text, 600));
    if (chip_width(chip) > title.width() - name_width - 3) chip.words.clear();
    const double wide = chip.words.isEmpty() ? 26 : chip_width(chip);
    draw_chip(painter, {title.right() - wide, title.center().y() - 9, wide, 19}, chip, t);
    draw_text(painter, title.adjusted(0, 0, -wide - 6, 0), QString::fromStdString(group.name),
              words(13 * text, 600), t.t1);
    const bool consumer = group.type == "consumer";
    const QString detail =
        consumer ? QString("consumer protocol, epoch %1").arg(group.generation.value())
                 : QString("%1, generation %2")
                       .arg(QString::fromStdString(group.assignor))
                       .arg(group.generation.value());
    if (z > 0.66) {
      draw_text(painter, {title.left(), title.bottom() - 1, title.width(), 15 * z}, detail,
                words(11 * text), t.t3);
    }
    for (std::size_t m = 0; m < scene.layout->group_members_shown[g]; ++m) {
      paint_member(painter, scene, group, group.members[m],
                   scene.view.to_pixels(scene.layout->member(g, m)));
      if (scene.selected.kind == MapPick::Kind::member && scene.selected.name == group.name &&
          scene.selected.peer == group.members[m].member_id) {
        draw_box(painter, scene.view.to_pixels(scene.layout->member(g, m)).adjusted(4, 1, -4, -1),
                 4, {}, t.sel, 2);
      }
    }
    if (scene.layout->group_members_shown[g] < group.members.size()) {
      draw_text(painter, {title.left(), box.bottom() - 72 * z, title.width(), 12 * z},
                QString("%1 more members")
                    .arg(group.members.size() - scene.layout->group_members_shown[g]),
                words(10.5 * text), t.t3);
    }
    if (z > 0.66) paint_group_foot(painter, scene, group, box, box.bottom() - 60 * z);
    if (scene.is_selected(MapPick::Kind::group, group.name))
      draw_selection_ring(painter, box, 6, t);
  }
  paint_more(painter, scene, scene.layout->more_groups,
             scene.snapshot->groups.size() - scene.layout->groups.size());
}

}  // namespace ottla::ui
