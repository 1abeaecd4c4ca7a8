# Functions that installer/run.sh and installer/test.sh share. Source it from bash.

say() { printf '%s\n' "$*"; }

# Ends the program with a sentence on what went wrong and what to do next.
fail() {
  printf 'ottla: %s\n' "$*" >&2
  exit 1
}

# Runs a command as root: directly, or by sudo.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null 2>&1; then
    sudo "$@"
  else
    fail "Packages must be installed, which takes root. Run this as root, or install sudo."
  fi
}

# Prints the packages of a list: one a line, without comments. `name unless:command` stands for a package that
# is not needed where the command is there already.
listed_packages() {
  local name condition rest
  while read -r name condition rest || [ -n "$name" ]; do
    case "$name" in '' | '#'*) continue ;; esac
    case "$condition" in
      unless:*) if command -v "${condition#unless:}" >/dev/null 2>&1; then continue; fi ;;
    esac
    printf '%s\n' "$name"
  done <"$1"
}

# Prints which of the packages named in its arguments dpkg does not know as installed.
missing_packages() {
  local name status
  for name in "$@"; do
    status=$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null) || status=absent
    [ "$status" = installed ] || printf '%s\n' "$name"
  done
}

# Installs what is missing of the given lists; asks apt for nothing when nothing is.
install_packages() {
  local list names=() missing=()
  command -v dpkg-query >/dev/null 2>&1 ||
    fail "This needs a Debian 12 system (dpkg was not found). The packages to have are in installer/packages.txt."
  for list in "$@"; do
    mapfile -t -O "${#names[@]}" names < <(listed_packages "$list")
  done
  mapfile -t missing < <(missing_packages "${names[@]}")
  [ "${#missing[@]}" -gt 0 ] || return 0

  say "Installing: ${missing[*]}"
  as_root apt-get update -qq || say "The package lists could not all be refreshed; trying with those that are there."
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" ||
    fail "apt could not install: ${missing[*]}. Its reason is above; check the network and that this is Debian 12."
}

# Configures a preset and builds it: build_preset PRESET -DOPTION=... With `targets` set, those alone.
build_preset() {
  local preset=$1 jobs log
  shift
  jobs=$(nproc)
  log=$(mktemp)
  say "Configuring build/$preset"
  cmake --preset "$preset" "$@" >"$log" 2>&1 || {
    cat "$log" >&2
    rm -f "$log"
    fail "CMake could not configure build/$preset; its reason is above."
  }
  rm -f "$log"
  say "Building with $jobs jobs"
  cmake --build "build/$preset" --parallel "$jobs" ${targets:+--target $targets} ||
    fail "The build of build/$preset failed; the first error is above."
}
