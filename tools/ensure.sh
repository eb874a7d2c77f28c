# Sourced by ./run and ./test: installs what is missing, saying what and why. Everything it prints goes to standard error, because the
# standard output of `./run transcribe` belongs to the transcript.

root=${root:?set root before sourcing}
tools="$root/.tools"
needed_sdk=10.0

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false
export DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE=1
# The SDK stops without ICU unless told that no culture's data is wanted; the program wants none either.
# Read to its end: "grep -q" leaves early, which under pipefail now and then makes a library that is there look missing.
have_library() { ldconfig -p 2>/dev/null | grep "$1" >/dev/null; }

have_library libicuuc || export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 69; }
have() { command -v "$1" >/dev/null 2>&1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif have sudo; then sudo "$@"
  else return 126
  fi
}

can_be_root() { [ "$(id -u)" = 0 ] || { have sudo && { sudo -n true 2>/dev/null || [ -t 0 ]; }; }; }

apt_updated=
# apt_install WHY PACKAGE...: false where it cannot be done; the caller says what to do then.
apt_install() {
  local why=$1
  shift
  say "Installing $* ($why)."
  have apt-get && can_be_root || return 1
  if [ -z "$apt_updated" ]; then
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq >&2 || say "apt-get update failed; trying with the lists that are here."
    apt_updated=yes
  fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" </dev/null >&2
}

# require WHY PACKAGE: as apt_install, but the program cannot go on without it.
require() {
  apt_install "$@" || die "$2 is missing ($1), and it cannot be installed from here. Install it, e.g. as root: apt-get install ${*:2}"
}

newest_package() {
  local name
  for name in "$@"; do
    apt-cache show "$name" >/dev/null 2>&1 && { printf '%s\n' "$name"; return; }
  done
  printf '%s\n' "$1"
}

ensure_libraries() {
  have_library 'libssl\.so\.3' || require "DTLS" "$(newest_package libssl3 libssl3t64)"
  have_library 'libopus\.so\.0' || require "the audio codec" libopus0
  have ffmpeg || require "reads audio and video files" ffmpeg
}

node_is_new_enough() {
  have node && have npm && node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 18 || (a === 18 && b >= 18) ? 0 : 1)'
}

ensure_node() {
  node_is_new_enough && return
  require "builds the page and fetches the models" nodejs npm
  node_is_new_enough || die "Node 18.18 or newer is needed and $(node --version 2>/dev/null || echo none) is here. Install one from https://nodejs.org."
}

sdk_is_there() { "$1" --list-sdks 2>/dev/null | grep "^$needed_sdk\." >/dev/null; }

ensure_dotnet() {
  if have dotnet && sdk_is_there dotnet; then
    dotnet=$(command -v dotnet)
    return
  fi
  dotnet="$tools/dotnet/dotnet"
  if [ ! -x "$dotnet" ] || ! sdk_is_there "$dotnet"; then
    have curl || require "fetches the .NET SDK" curl ca-certificates
    have_library 'libstdc++\.so\.6' || require "the .NET runtime" libstdc++6
    say "Installing the .NET SDK $needed_sdk into $tools/dotnet (the server is built with it)."
    local script
    script=$(mktemp)
    if ! curl -fsSL --retry 2 --max-time 60 https://dot.net/v1/dotnet-install.sh -o "$script" || ! bash "$script" --channel "$needed_sdk" --install-dir "$tools/dotnet" >&2; then
      rm -f "$script"
      die "the .NET SDK $needed_sdk could not be fetched. Install it by hand (https://dotnet.microsoft.com/download/dotnet/$needed_sdk, or your distribution's dotnet-sdk-$needed_sdk package) and run this again."
    fi
    rm -f "$script"
  fi
  DOTNET_ROOT=$(dirname "$dotnet")
  PATH="$DOTNET_ROOT:$PATH"
  export DOTNET_ROOT PATH
}

# fingerprint PATH...: one hash over names and contents, build products left out.
fingerprint() {
  (cd "$root" && find "$@" \( -name node_modules -o -name dist -o -name bin -o -name obj \) -prune -o -type f -print0 2>/dev/null | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1)
}

# unless_unchanged STAMP PRODUCT PATH... -- COMMAND: runs the command unless it ran on exactly these files and its product is still there.
unless_unchanged() {
  local stamp="$tools/$1.stamp" product=$2 paths=()
  shift 2
  while [ "$1" != -- ]; do paths+=("$1"); shift; done
  shift
  local now
  now=$(fingerprint "${paths[@]}")
  [ -e "$product" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$now" ] && return
  # The compiler's server outlives the build; it must not take the lock along.
  "$@" >&2 9>&-
  printf '%s\n' "$now" >"$stamp"
}

# `npm ci` refuses a lock file that lacks another system's optional binaries, and npm leaves them out of the lock file where the registry in use does not
# have them; `npm install` keeps to the same versions and hashes and minds no such gap.
npm_install() {
  local options=(--no-audit --no-fund --ignore-scripts --loglevel=error)
  (cd "$root/$1" && { npm ci "${options[@]}" >/dev/null 2>&1 || npm install --no-save "${options[@]}" >&2; }) ||
    die "npm could not install the packages of $1; see above. Is its registry reachable?"
}

build_page() {
  say "Building the page."
  npm_install web-demo
  (cd "$root/web-demo" && npm run --silent build) || die "the page did not build; see above."
}

ensure_page() { unless_unchanged page "$root/web-demo/dist/index.html" web-demo -- build_page; }

ensure_models() { "$root/models/install" >&2 || die "the models could not be installed; see above."; }

build_server() {
  say "Building the server."
  "$dotnet" build "$root/src/MediaServer" -c Release -v quiet --nologo -clp:"ErrorsOnly;NoSummary" || die "the server did not build; see above."
}

ensure_server() {
  server="$root/src/MediaServer/bin/Release/net10.0/AsrHub.Rtc.MediaServer.dll"
  unless_unchanged server "$server" src Directory.Build.props Directory.Packages.props global.json .editorconfig -- build_server
}

# Two of these at once would write the same files.
lock_tools() {
  mkdir -p "$tools"
  exec 9>"$tools/lock"
  flock 9
}

unlock_tools() {
  flock -u 9
  exec 9>&-
}
