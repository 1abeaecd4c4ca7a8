// Three controllers that clients may ask themselves (KIP-919), and the brokers they decide for.
#pragma once

#include <QtGlobal>

#include "tests/simulation/scene.h"

namespace ottla::test {

struct Controllers : Scene {
  static constexpr std::uint16_t first_port = 9193;

  Controllers() : Scene(spec()) {}

  [[nodiscard]] Endpoint active() const { return cluster.active_controller()->config().listener; }
  [[nodiscard]] Endpoint another() const {
    for (const Endpoint& each : cluster.controller_listeners())
      if (each != active()) return each;
    qFatal("there is one controller");
  }

 private:
  static world::ClusterSpec spec() {
    world::ClusterSpec spec = small_segments(11);
    spec.controllers = 3;
    spec.controller_port = first_port;
    return spec;
  }
};

}  // namespace ottla::test
