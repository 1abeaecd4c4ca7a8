#include <algorithm>
#include <cmath>

#include "ui/canvas/format.h"
#include "ui/canvas/map_painter.h"

namespace ottla::ui {
namespace {

using observe::BrokerState;
using observe::ProcessStatus;

bool is_down(const BrokerState& broker) {
  return broker.status == ProcessStatus::down;
}

bool cell_selected(const MapScene& scene, const MapCell& cell) {
  if (scene.selected.kind != MapPick::Kind::partition) return false;
  return scene.selected.partition == cell.partition.value() &&
         scene.selected.name == scene.contents->topics[static_cast<std::size_t>(cell.topic)];
}

// In the modes beside Replicas the fill tells a quantity; the glyph still tells the state.
CellColours colours_of(const MapScene& scene, const MapCell& cell) {
  const Theme& t = *scene.theme;
  CellColours colours = t.cell(cell.state);
  if (scene.mode == MapMode::replicas || cell.state == CellState::offline) return colours;
  const QColor hue = scene.mode == MapMode::traffic ? t.heat
                     : scene.mode == MapMode::lag   ? t.warn
                                                    : t.accent;
  colours.fill = mixed(t.raised, hue, 0.06 + 0.5 * std::sqrt(static_cast<double>(cell.value)));
  colours.content = t.t1;
  colours.outline = {};
  return colours;
}

void paint_hot_glow(QPainter& painter, const MapScene& scene, const MapCell& cell,
                    const QRectF& box) {
  const Theme& t = *scene.theme;
  const double alpha = std::clamp(0.2 + 0.8 * static_cast<double>(cell.share), 0.2, 1.0);
  for (int ring = 4; ring >= 1; --ring) {
    draw_box(painter, box.adjusted(-ring * 2.0, -ring * 2.0, ring * 2.0, ring * 2.0),
             3 + ring * 1.5, with_alpha(t.heat, alpha * 0.22 * (1.1 - ring / 5.0)));
  }
}

void paint_hot_label(QPainter& painter, const MapScene& scene, const MapCell& cell,
                     const QRectF& box) {
  const Theme& t = *scene.theme;
  const QString words = percent(static_cast<double>(cell.share));
  const QFont font = mono(10.5, 600);
  const double width = text_width(words, font) + 10;
  const QRectF tag(box.center().x() - width / 2, box.top() - 17, width, 14);
  draw_box(painter, tag, 3, t.heat);
  draw_text(painter, tag, words, font, t.is_dark ? t.on_accent : t.card, Qt::AlignCenter);
}

void paint_loads(QPainter& painter, const MapScene& scene, const BrokerState& b,
                 const CardLayout& card) {
  const Theme& t = *scene.theme;
  const struct {
    const char* words;
    std::optional<double> share;
  } bars[] = {{"Net", b.load.network}, {"Req", b.load.requests}, {"Disk", b.load.disk}};
  const double gap = card.loads.width() * 0.04;
  const double width = (card.loads.width() - 2 * gap) / 3;
  double x = card.loads.left();
  const bool small = card.loads.height() < 8;
  for (const auto& bar : bars) {
    if (small) {
      draw_load_bar(painter, {x, card.loads.top(), width, 3}, bar.share, t);
    } else {
      const bool hot = bar.share.value_or(0) > 0.85;
      const QRectF label(x, card.loads.top(), width, card.loads.height() - 5);
      draw_text(painter, label, bar.words, words(11 * card.text), t.t3);
      draw_text(painter, label, load_text(bar.share), mono(11 * card.text), hot ? t.heat : t.t2,
                Qt::AlignRight | Qt::AlignVCenter);
      draw_load_bar(painter, {x, card.loads.bottom() - 2, width, 4}, bar.share, t);
    }
    x += width + gap;
  }
}

void paint_header(QPainter& painter, const MapScene& scene, const MapBroker& broker,
                  const CardLayout& card) {
  const Theme& t = *scene.theme;
  const BrokerLook look = broker_look(broker);
  const QString id = QString::number(broker.state.id.value());
  const QRectF& h = card.header;
  draw_text(painter, {card.ring.x() - 10, card.ring.y() - 8, 20, 16}, id,
            mono(id.size() > 2 ? 9.5 : 10.5 * card.text, 500), t.t1, Qt::AlignCenter);
  const double left = card.ring.x() + card.ring_radius + 6;
  const bool small = h.height() < 30;
  const QColor colour = tone_colour(t, look.tone);
  // Two lines share the room above the bars, also where text is larger than the zoom.
  const double unit = std::min(card.text, (card.loads.top() - h.top()) / 40);
  const double top = small ? h.top() : h.top() + 6 * unit;
  const double line = small ? h.height() : 17 * unit;
  // State at the right: glyph and words, glyph alone when narrow.
  const QFont state_font = words(11 * card.text, look.trouble ? 500 : 400);
  double state_width = 12 + 4 + text_width(look.words, state_font);
  const QFont title_font = words(13 * card.text, 600);
  const QString title = "Broker " + id;
  const bool with_words = left + text_width(title, title_font) + 8 + state_width < h.right() - 10;
  if (!with_words) state_width = 12;
  const QRectF state(h.right() - 10 - state_width, top, state_width, line);
  if (look.tone == Tone::hot && with_words) {
    draw_box(painter, QRectF(state.left() - 6, state.center().y() - 9, state.width() + 11, 19), 4,
             tone_background(t, Tone::hot));
  }
  draw_glyph(painter, look.glyph, {state.left() + 5, state.center().y()}, 9, colour);
  if (with_words) draw_text(painter, state.adjusted(16, 0, 2, 0), look.words, state_font, colour);
  draw_text(painter, {left, top, state.left() - left - 4, line},
            text_width(title, title_font) < state.left() - left - 2 ? title : id, title_font, t.t1);
  if (!small) {
    const bool story = look.trouble && !broker.state.story.empty();
    draw_text(painter, {left, top + line, h.right() - left - 8, 15 * unit}, broker_line(broker),
              words(11 * card.text), story ? colour : t.t3);
  }
}

void paint_facts(QPainter& painter, const MapScene& scene, const BrokerState& b,
                 const CardLayout& card) {
  const Theme& t = *scene.theme;
  painter.setPen(t.line);
  painter.drawLine(QPointF(card.facts.left(), card.facts.top()),
                   {card.facts.right(), card.facts.top()});
  const struct {
    const char* words;
    const char* short_words;
    QString value;
  } facts[] = {{"Requests", "Req", short_number(b.requests_per_s) + "/s"},
               {"Waiting", "Wait", number(b.waiting_requests)},
               {"Connections", "Conn", number(b.connections)},
               {"Log size", "Log", bytes(b.log_bytes)}};
  const double row = (card.facts.height() - 6) / 2;
  const double width = (card.facts.width() - 16) / 2;
  const QFont label = words(11 * card.text);
  const bool roomy = std::all_of(std::begin(facts), std::end(facts), [&](const auto& fact) {
    return text_width(fact.words, label) + 6 + text_width(fact.value, mono(11 * card.text)) <=
           width;
  });
  for (std::size_t i = 0; i < 4; ++i) {
    const QRectF box(card.facts.left() + static_cast<double>(i % 2) * (width + 16),
                     card.facts.top() + 4 + static_cast<double>(i / 2) * row, width, row);
    draw_text(painter, box, roomy ? facts[i].words : facts[i].short_words, label, t.t3);
    draw_text(painter, box, facts[i].value, mono(11 * card.text), t.t2,
              Qt::AlignRight | Qt::AlignVCenter);
  }
}

void paint_footer(QPainter& painter, const MapScene& scene, const MapBroker& broker,
                  const CardLayout& card) {
  if (card.footer.height() < 10) return;
  const Theme& t = *scene.theme;
  const BrokerState& b = broker.state;
  const QFont label = words(11 * card.text);
  const QFont value = mono(11 * card.text);
  if (b.status != ProcessStatus::online) {
    draw_text(painter, card.footer, counted(b.leaders, "leader", "leaders"), label,
              tone_colour(t, broker_look(broker).tone));
    draw_text(painter, card.footer,
              QString("%1 of %2 replicas in sync").arg(b.in_sync).arg(b.replicas), label, t.t2,
              Qt::AlignRight | Qt::AlignVCenter);
    return;
  }
  const auto pair = [&](const QRectF& box, const char* word, double rate) {
    const double used = draw_text(painter, box, word, label, t.t3);
    draw_text(painter, box.adjusted(used + 5, 0, 0, 0), bytes_per_second(rate), value, t.t2);
  };
  const double half = card.footer.width() / 2;
  pair(QRectF(card.footer.topLeft(), QSizeF(half, card.footer.height())), "in", b.bytes_in_per_s);
  pair({card.footer.left() + half, card.footer.top(), half, card.footer.height()}, "out",
       b.bytes_out_per_s);
}

void paint_topics(QPainter& painter, const MapScene& scene, const MapBroker& broker,
                  const CardLayout& card) {
  const Theme& t = *scene.theme;
  const MapCell* hot = nullptr;
  QRectF hot_box;
  std::vector<QRectF> selected;
  for (const CardTopic& place : card.topics) {
    const MapTopicCells& topic = broker.topics[place.index];
    const QString share = QString("%1/%2").arg(topic.leaders).arg(topic.cells.size());
    const QFont font = mono(11 * card.text);
    const double right = draw_text(painter, place.label, share, mono(10.5 * card.text), t.t3,
                                   Qt::AlignRight | Qt::AlignVCenter);
    draw_text(painter, place.label.adjusted(0, 0, -right - 6, 0),
              QString::fromStdString(scene.contents->topics[static_cast<std::size_t>(topic.topic)]),
              font, t.t2);
    for (int i = 0; i < place.grid.count; ++i) {
      const MapCell& cell = topic.cells[static_cast<std::size_t>(i)];
      const QRectF box = place.grid.at(i);
      if (cell.hot && card.mode <= CellMode::full) paint_hot_glow(painter, scene, cell, box);
      paint_cell(painter, scene, cell, box, card.mode, card.text);
      if (cell.hot && card.mode <= CellMode::full) {
        hot = &cell;
        hot_box = box;
      }
      if (cell_selected(scene, cell)) selected.push_back(box);
    }
  }
  if (hot) paint_hot_label(painter, scene, *hot, hot_box);
  for (const QRectF& box : selected) draw_selection_ring(painter, box, 3, t);
}

void paint_sorted(QPainter& painter, const MapScene& scene, const MapBroker& broker,
                  const CardLayout& card) {
  const Theme& t = *scene.theme;
  const CardTopic& all = card.topics.front();
  if (card.mode == CellMode::area) {
    double x = all.label.left();
    const double total = std::max(1, broker.cells());
    for (std::size_t s = 0; s < broker.count.size(); ++s) {
      const double width = all.label.width() * broker.count[s] / total;
      const CellState state = static_cast<CellState>(s);
      painter.fillRect(QRectF(x, all.label.top(), width, all.label.height()),
                       state == CellState::offline ? t.cell(state).outline : t.cell(state).fill);
      x += width;
    }
    return;
  }
  const auto cells = sorted_cells(broker);
  const bool glyphs = all.grid.cell.width >= 9;
  painter.setRenderHint(QPainter::Antialiasing, false);
  for (int i = 0; i < all.grid.count; ++i) {
    const MapCell& cell = *cells[static_cast<std::size_t>(i)];
    const QRectF box = all.grid.at(i);
    QColor fill = colours_of(scene, cell).fill;
    if (cell.state == CellState::offline) fill = mixed(t.card, t.err, 0.62);
    const bool moved = cell.moved_lately && cell.state == CellState::leader;
    if (moved && !glyphs) fill = t.epoch_hue(cell.epoch);
    painter.fillRect(box, fill);
    if (glyphs) {
      if (moved) draw_box(painter, box, 1, {}, t.epoch_hue(cell.epoch), 1);
      draw_glyph(painter, cell_glyph(cell.state), box.center(), box.width() * 0.6,
                 colours_of(scene, cell).content);
      painter.setRenderHint(QPainter::Antialiasing, false);
    }
    if (cell_selected(scene, cell)) painter.fillRect(box.adjusted(-1, -1, 1, 1), t.sel);
  }
}

void paint_mini_header(QPainter& painter, const MapScene& scene, const MapBroker& broker,
                       const CardLayout& card) {
  const Theme& t = *scene.theme;
  const BrokerState& b = broker.state;
  const BrokerLook look = broker_look(broker);
  const QColor colour = tone_colour(t, look.tone);
  const double used = draw_text(painter, card.header, QString::number(b.id.value()), mono(9.5),
                                is_down(b) ? colour : t.t1);
  QString words_right;
  if (is_down(b)) {
    words_right = duration(scene.snapshot->run.now - b.status_since);
  } else if (look.tone == Tone::hot) {
    words_right = QString::number(
        std::lround(100 * std::max(b.load.requests.value_or(0), b.load.network.value_or(0))));
  } else if (look.trouble) {
    words_right = QString::number(broker.count[static_cast<std::size_t>(CellState::out_of_sync)]);
  }
  if (words_right.isEmpty()) {
    draw_load_bar(painter, card.loads, b.load.requests, t);
    return;
  }
  const Glyph glyph = look.glyph == Glyph::arrow_up ? Glyph::not_equal : look.glyph;
  if (card.header.width() - used < 40) {
    draw_glyph(painter, glyph, {card.header.right() - 4, card.header.center().y()}, 8, colour);
    return;
  }
  if (!is_down(b)) draw_load_bar(painter, card.loads, b.load.requests, t);
  const double width = draw_text(painter, card.header, words_right, mono(9.5), colour,
                                 Qt::AlignRight | Qt::AlignVCenter);
  draw_glyph(painter, glyph, {card.header.right() - width - 8, card.header.center().y()}, 8,
             colour);
}

}  // namespace

void paint_cell(QPainter& painter, const MapScene& scene, const MapCell& cell, const QRectF& box,
                CellMode mode, double text) {
  const Theme& t = *scene.theme;
  const CellColours colours = colours_of(scene, cell);
  const double radius = mode == CellMode::compact ? 2 : 3;
  if (cell.state == CellState::offline) {
    draw_dashed_box(painter, box, radius, colours.fill, colours.outline, 3, 2);
  } else if (cell.adding || cell.removing) {
    draw_dashed_box(painter, box, radius, colours.fill, t.line2, 4, 2);
  } else {
    draw_box(painter, box, radius, colours.fill, colours.outline);
  }
  const QColor edge = t.epoch_edge(cell.epoch);
  if (edge.isValid() && cell.state != CellState::offline) {
    if (mode == CellMode::compact) {
      draw_box(painter, box, radius, {}, edge, 1);
    } else {  // 2 px with a gap of 1 px inside, so that it is no part of the fill.
      draw_box(painter, box.adjusted(1.5, 1.5, -1.5, -1.5), radius - 1, {}, t.card, 1.5);
      draw_box(painter, box, radius, {}, edge, 2);
    }
  }
  const Glyph glyph = cell.adding     ? Glyph::plus
                      : cell.removing ? Glyph::minus
                                      : cell_glyph(cell.state);
  if (mode == CellMode::compact) {
    draw_glyph(painter, glyph, box.center(), 7, colours.content);
    return;
  }
  const QFont font = mono(std::max(10.0, 11 * text), 500);
  const QString index = QString::number(cell.partition.value());
  const double number_width = text_width(index, font);
  const double size = std::min(8.5 * text, box.height() * 0.42);
  if (mode == CellMode::rich) {
    const QRectF upper(box.left(), box.top(), box.width(), box.height() - 9 * text);
    draw_glyph(painter, glyph, {box.left() + 11 * text, upper.center().y() + 1}, size,
               colours.content);
    draw_text(painter, {upper.left(), upper.top() + 1, upper.width() - 7 * text, upper.height()},
              index, font, colours.content, Qt::AlignRight | Qt::AlignVCenter);
    QRectF bar(box.left() + 6 * text, box.bottom() - 9 * text, box.width() - 12 * text, 3 * text);
    draw_box(painter, bar, 1.5, with_alpha(colours.content, 0.25));
    bar.setWidth(std::max(2.0, bar.width() * static_cast<double>(cell.log_left)));
    draw_box(painter, bar, 1.5, with_alpha(colours.content, 0.85));
    return;
  }
  const bool room = box.width() > number_width + size + 6;
  if (!room) {
    draw_glyph(painter, glyph, box.center(), size, colours.content);
    return;
  }
  draw_glyph(painter, glyph, {box.left() + box.width() * 0.27, box.center().y()}, size,
             colours.content);
  draw_text(painter, {box.left(), box.top(), box.width() - box.width() * 0.17, box.height()}, index,
            font, colours.content, Qt::AlignRight | Qt::AlignVCenter);
}

void paint_broker(QPainter& painter, const MapScene& scene, std::size_t index) {
  const Theme& t = *scene.theme;
  const MapBroker& broker = scene.contents->brokers[index];
  const QRectF box = scene.view.to_pixels(scene.layout->brokers[index]);
  const CardLayout card = layout_card(broker, box, scene.zoom());
  const BrokerLook look = broker_look(broker);
  const bool down = is_down(broker.state);
  const std::string name = std::to_string(broker.state.id.value());
  const double radius = card.mini ? 3 : 6;
  const QColor tone = tone_colour(t, look.tone);
  const QColor ground = down ? mixed(t.card, t.err_bg, 0.6) : t.card;
  QColor border = look.trouble || look.tone == Tone::hot ? tone : t.line2;
  if (look.tone == Tone::hot && !card.mini) border = t.line2;
  if (scene.hovered == MapPick{MapPick::Kind::broker, name, {}, -1}) border = t.t3;
  painter.save();
  if (card.mini) painter.setClipRect(box.adjusted(-5, -5, 5, 5), Qt::IntersectClip);
  if (down) {
    draw_dashed_box(painter, box, radius, ground, t.err, 4, 3);
  } else {
    draw_box(painter, box, radius, ground, border);
  }
  if (look.trouble && !down && !card.mini) {
    QPainterPath shape;
    shape.addRoundedRect(box.adjusted(1, 1, -1, -1), radius - 1, radius - 1);
    painter.save();
    painter.setClipPath(shape, Qt::IntersectClip);
    painter.fillRect(card.header, tone_background(t, look.tone));
    painter.fillRect(QRectF(box.left(), box.top(), 3, box.height()), tone);
    painter.restore();
  }
  if (card.mini) {
    paint_mini_header(painter, scene, broker, card);
    paint_sorted(painter, scene, broker, card);
  } else {
    paint_header(painter, scene, broker, card);
    paint_loads(painter, scene, broker.state, card);
    if (card.mode == CellMode::dense || card.mode == CellMode::area) {
      if (card.mode == CellMode::dense) {
        draw_text(painter, card.topics.front().label,
                  counted(broker.cells(), "replica", "replicas"), words(11 * card.text), t.t3);
      }
      paint_sorted(painter, scene, broker, card);
    } else {
      paint_topics(painter, scene, broker, card);
    }
    if (card.facts.height() > 0) paint_facts(painter, scene, broker.state, card);
    paint_footer(painter, scene, broker, card);
  }
  if (scene.is_selected(MapPick::Kind::broker, name)) {
    if (card.mini) {
      draw_box(painter, box.adjusted(-1, -1, 1, 1), radius, {}, t.sel, 2);
    } else {
      draw_selection_ring(painter, box, radius, t);
    }
  }
  painter.restore();
}

void paint_controllers(QPainter& painter, const MapScene& scene) {
  const Theme& t = *scene.theme;
  if (scene.layout->dense) return;
  for (std::size_t i = 0; i < scene.contents->controllers.size(); ++i) {
    const observe::ControllerState& c = scene.contents->controllers[i];
    const QRectF box = scene.view.to_pixels(scene.layout->controllers[i]);
    const double z = scene.view.scale;
    const double text = std::max(0.92, z);
    const StateLook look = process_look(c.status);
    const bool well = c.status == ProcessStatus::online;
    const bool down = c.status == ProcessStatus::down;
    const std::string name = std::to_string(c.id.value());
    if (down) {
      draw_dashed_box(painter, box, 6, mixed(t.card, t.err_bg, 0.6), t.err, 4, 3);
    } else {
      draw_box(painter, box, 6, c.active ? t.card : mixed(t.bg, t.card, 0.7),
               !well      ? tone_colour(t, look.tone)
               : c.active ? t.line2
                          : t.line);
    }
    if (c.active && well) {
      painter.fillRect(QRectF(box.left(), box.top() + 4, 3, box.height() - 8), t.accent);
    }
    const bool small = box.height() < 40;
    const double line = small ? box.height() : 17 * text;
    const double top = small ? box.top() : box.top() + 8 * text;
    const QPointF mark(box.left() + 20 * std::max(z, 0.7),
                       small ? box.center().y() : top + line / 2);
    if (c.active) {
      draw_glyph(painter, Glyph::crown, mark, 13 * text, t.accent);
    } else {
      draw_glyph(painter, Glyph::empty_ring, mark, 10 * text, t.t3);
    }
    const QString state = !well ? look.words : c.active ? "Active" : "Follower";
    const QColor colour = !well ? tone_colour(t, look.tone) : c.active ? t.accent : t.t3;
    const double left = mark.x() + 14 * std::max(z, 0.8);
    const QString title = "Controller " + QString::number(c.id.value());
    const bool room = left + text_width(title, words(12 * text, 600)) + 60 * text < box.right();
    double right = box.right() - 10;
    if (room) {
      right -= draw_text(painter, {left, top, right - left, line}, state, words(11 * text), colour,
                         Qt::AlignRight | Qt::AlignVCenter) +
               4;
    }
    draw_text(painter, {left, top, right - left, line},
              room ? title : QString::number(c.id.value()), words(12 * text, 600), t.t1);
    if (!small) {
      double x = left;
      const auto field = [&](const char* word, const QString& value) {
        const QRectF at(x, top + line, box.right() - 10 - x, 16 * text);
        x += draw_text(painter, at, word, words(11 * text), t.t3) + 5;
        x += draw_text(painter, at.adjusted(x - at.left(), 0, 0, 0), value, mono(11 * text), t.t2) +
             14;
      };
      field("epoch", QString::number(c.epoch));
      field("end", c.log_end_offset.has_value() ? number(c.log_end_offset.value->value())
                                                : unknown_value());
      const QString lag = "lag " + (c.lag.has_value() ? number(*c.lag.value) : unknown_value());
      if (x + text_width(lag, words(11 * text)) < box.right() - 10) {
        draw_text(painter, {x, top + line, box.right() - 10 - x, 16 * text}, lag, words(11 * text),
                  t.t3, Qt::AlignRight | Qt::AlignVCenter);
      }
    }
    if (scene.is_selected(MapPick::Kind::controller, name)) draw_selection_ring(painter, box, 6, t);
  }
}

void paint_session_rings(QPainter& painter, const MapScene& scene) {
  const Theme& t = *scene.theme;
  if (scene.layout->dense && scene.zoom() < 0.4) return;
  for (std::size_t i = 0; i < scene.contents->brokers.size(); ++i) {
    const MapBroker& broker = scene.contents->brokers[i];
    const QRectF box = scene.view.to_pixels(scene.layout->brokers[i]);
    const CardLayout card = layout_card(broker, {box.topLeft(), box.size()}, scene.zoom());
    if (card.mini) continue;
    const auto* live = scene.snapshot->broker(broker.state.id);
    if (!live) continue;
    const bool expired = is_down(*live) || live->status == ProcessStatus::fenced;
    draw_session_ring(painter, card.ring, card.ring_radius, live->session_left, expired, t,
                      card.ring_radius < 8 ? 2 : 3);
  }
}

}  // namespace ottla::ui
