#!/usr/bin/env bash
# Installs what the tests need, builds everything and runs all tests.
#
#   installer/test.sh [--preset dev|asan|tsan|release] [--label NAME]
#
# Without options it also replays the simulation's seeds in the release build, and half of them in the asan build (a seed
# gives the same trace in each), and runs there what damages files, disks and quorums.
#
# --preset  which build to test; dev without it
# --label   only the tests of this ctest label, e.g. interop
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=installer/lib.sh
. installer/lib.sh

usage() { sed -n '2,11s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; }

preset=dev
label=
selection=()
while [ $# -gt 0 ]; do
  case "$1" in
    --preset)
      [ $# -ge 2 ] || fail "--preset needs a name: dev, asan, tsan or release."
      preset=$2
      shift 2
      ;;
    --label)
      [ $# -ge 2 ] || fail "--label needs the name of a ctest label, e.g. interop."
      label=$2
      selection=(--label-regex "^$label\$")
      shift 2
      ;;
    -h | --help)
      usage
      exit 0
      ;;
    *) fail "There is no option '$1'. $0 --help lists those there are." ;;
  esac
done
case "$preset" in
  dev | asan | tsan | release) ;;
  *) fail "There is no preset '$preset'; take dev, asan, tsan or release." ;;
esac

# Fetches the Node.js clients as their lock file names them. Without the network, those fetched before stay in use.
fetch_node_clients() {
  local folder=tests/interop/node stamp
  stamp=$(sha256sum <"$folder/package-lock.json")
  [ "$(cat "$folder/node_modules/.fetched" 2>/dev/null)" = "$stamp" ] && return 0
  say "Fetching the Node.js clients"
  if (cd "$folder" && npm ci --silent --no-audit --no-fund); then
    printf '%s\n' "$stamp" >"$folder/node_modules/.fetched"
  else
    say "The Node.js clients could not be fetched (is the npm registry reachable?): their tests are skipped."
  fi
}

started=$SECONDS
install_packages installer/packages.txt installer/test-packages.txt
build_preset "$preset" -DOTTLA_TESTS=ON
fetch_node_clients

ctest --test-dir "build/$preset" --parallel 2 --output-on-failure --no-tests=error "${selection[@]}" ||
  fail "Tests failed in build/$preset; they are listed above. One alone: ctest --test-dir build/$preset -R NAME"

if [ "$preset" = dev ] && [ -z "$label" ]; then
  for other in asan release; do
    targets=test_simulation build_preset "$other" -DOTTLA_TESTS=ON
    ctest --test-dir "build/$other" --parallel 2 --output-on-failure --no-tests=error --label-regex "^in_$other\$" ||
      fail "The simulation fails or differs in build/$other; the tests are listed above."
  done
fi
say "All tests passed in build/$preset (preset $preset${label:+, label $label}; $((SECONDS - started)) s)."
