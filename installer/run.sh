#!/usr/bin/env bash
# Installs what Ottla needs, builds it and starts the desktop; arguments go to ottla-desktop. Without a display it
# runs the same cluster in the terminal and leaves a picture of the window.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=installer/lib.sh
. installer/lib.sh

# Qt's own library brings its X11 plugin; a session without X needs the other one.
if [ -z "${DISPLAY:-}" ] && [ -n "${WAYLAND_DISPLAY:-}" ]; then
  install_packages installer/packages.txt <(echo qt6-wayland)
else
  install_packages installer/packages.txt
fi
build_preset release -DOTTLA_TESTS=OFF

if [ -n "${DISPLAY:-}" ] || [ -n "${WAYLAND_DISPLAY:-}" ]; then
  exec build/release/bin/ottla-desktop "$@"
fi

say "There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set), so the cluster runs in this terminal:"
say "thirty seconds of its time with the default workload; the leader of a partition is killed after ten."
say ""
build/release/bin/ottla demo --for 30s --kill-leader-at 10s ||
  fail "The run ended with a failure; what happened is above."
picture="$PWD/ottla.png"
QT_QPA_PLATFORM=offscreen build/release/bin/ottla-desktop --at 30s --view cluster --screenshot "$picture" ||
  fail "The window could not be drawn; the reason is above."
say ""
say "A picture of the window is at $picture"
say "To connect a client: build/release/bin/ottla serve, then use the bootstrap address that it prints."
