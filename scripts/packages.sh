# System packages and tools, for ./run and ./test to source. The one list of what Engram needs.
# Debian and its relatives: missing packages are installed (as root, or with sudo) after saying
# which. Elsewhere the list is printed for you to install by hand, and the script goes on.

# A C compiler (SQLite, zstd), the headers for sound, and Python, which writes a part of the engine
# for style sheets.
packages_build="gcc libc6-dev pkg-config libasound2-dev python3 ca-certificates"

# A window (X11 or Wayland, OpenGL), fonts for the scripts people learn, stills of films.
packages_run="libgl1 libgl1-mesa-dri libglx-mesa0 libegl1 libx11-6 libx11-xcb1 libxcursor1 libxi6
  libxrandr2 libxkbcommon0 libxkbcommon-x11-0 libwayland-client0 libwayland-egl1 libfontconfig1 fontconfig
  fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji fonts-liberation ffmpeg"

# A window without a screen, a software graphics driver, another date, Python for the real Anki; what
# else opens our files.
packages_test="xvfb procps faketime mesa-vulkan-drivers libvulkan1 python3 python3-venv zstd age unzip strace sqlite3 openssl restic rclone"

say() { printf '\033[1m%s\033[0m\n' "$*"; }

# install_packages "LIST"…: installs what is missing, and nothing else.
install_packages() {
  local package missing=""
  # shellcheck disable=SC2048 # the lists are words
  for package in $*; do
    if command -v dpkg-query >/dev/null; then
      # One line for each architecture.
      dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
    fi
  done
  if ! command -v apt-get >/dev/null; then
    say "This is not a Debian-like system: please install by hand what is missing of"
    echo "  (names as in Debian)" $*
    return 0
  fi
  [ -n "$missing" ] || return 0
  local as_root=""
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      say "Please install these packages as root, then start again:"
      echo "  apt-get install$missing"
      return 1
    fi
    as_root="sudo"
    [ -t 0 ] || as_root="sudo -n"
  fi
  say "Installing system packages:$missing"
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq </dev/null || true
  # shellcheck disable=SC2086 # a list of words
  apt_install $missing && return 0
  # One that this release does not have must not keep the others out.
  local failed=""
  for package in $missing; do
    apt_install "$package" || failed="$failed $package"
  done
  [ -z "$failed" ] || say "These could not be installed; Engram may work without them:$failed"
}

apt_install() { $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" </dev/null; }

# install_rust FOLDER: the toolchain that rust-toolchain.toml in FOLDER asks for, or a later one.
# rustup fetches it when it is first used.
install_rust() {
  # shellcheck disable=SC1091 # made by rustup
  [ ! -f "$HOME/.cargo/env" ] || . "$HOME/.cargo/env"
  rust_is_there "$1" && return 0
  if ! command -v rustup >/dev/null; then
    say "Installing the Rust toolchain (rustup, into ~/.cargo and ~/.rustup)"
    if apt-cache policy rustup 2>/dev/null | grep -q 'Candidate: [0-9]'; then
      install_packages rustup
    else
      install_packages curl
      # The same script as at sh.rustup.rs, from the host that the toolchain itself comes from.
      curl --proto '=https' --tlsv1.2 -sSf https://static.rust-lang.org/rustup/rustup-init.sh | sh -s -- -y --default-toolchain none
      # shellcheck disable=SC1091 # as above
      . "$HOME/.cargo/env"
    fi
  fi
  rust_is_there "$1" || { say "Rust is missing or too old: see https://rustup.rs, then start again"; return 1; }
}

rust_is_there() {
  local wanted found
  wanted=$(sed -n 's/^channel *= *"\(.*\)"$/\1/p' "$1/rust-toolchain.toml")
  command -v rustc >/dev/null && command -v cargo >/dev/null || return 1
  found=$(cd "$1" && rustc --version | cut -d' ' -f2) || return 1
  [ -n "$found" ] && [ "$(printf '%s\n' "$wanted" "$found" | sort -V | head -n 1)" = "$wanted" ]
}

# Where things may stay between runs.
cache_folder() { echo "${XDG_CACHE_HOME:-$HOME/.cache}/engram"; }
