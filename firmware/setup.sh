#!/bin/sh
# Creates the Python environment VENV from the locks in pyproject.toml, and installs missing tools.
#   VENV=folder  PIP_FLAGS=flags of pip install  TFLITE=0|1: leave tensorflow out from now on, or try it again
#   WITH="page browser": these groups of packages too, from now on
#   HASHES=0: without comparing files with the SHA-256 in firmware/locks, for a mirror that has builds of its own
# A second run with the same locks installs nothing; tensorflow that was left out or failed to install stays out.
set -eu
venv=${VENV:-.venv}
case $venv in -*) venv=./$venv ;; esac
say() { printf 'setup: %s\n' "$*" >&2; }
refuse() { say "$*" && exit 1; }

# --- folders
folder() { # NAME VALUE: a folder, or nothing yet
    [ -d "$2" ] || [ ! -e "$2" ] || refuse "$1=$2 is a file; give a folder, which is created if missing"
}
folder VENV "$venv"
folder BUILD "${BUILD:-build}"
folder DATA "${DATA:-data}"

# --- Python
python=python3
if [ -e "$venv/bin/python" ] || [ -L "$venv/bin/python" ]; then
    python=$venv/bin/python
    "$python" -c '' 2>/dev/null ||
        refuse "VENV=$venv is no environment: its bin/python does not run; remove the folder, or give another as VENV="
fi
if ! "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'; then
    refuse "Python 3.11, 3.12 or 3.13 is needed, but $python is $("$python" -V 2>&1)"
fi

# --- tools
missing=
need() { command -v "$1" >/dev/null 2>&1 || missing="$missing $2"; }
need arm-none-eabi-gcc gcc-arm-none-eabi
need qemu-system-arm qemu-system-arm
if [ -n "${CC:-}" ]; then
    "$python" -m firmware.compile.compiler
else
    command -v cc >/dev/null 2>&1 || command -v gcc >/dev/null 2>&1 || missing="$missing gcc libc6-dev"
fi
if [ -z "$missing" ] && [ ! -e "$(arm-none-eabi-gcc -print-file-name=nano.specs)" ]; then missing=" libnewlib-arm-none-eabi"; fi
case "$missing" in *gcc-arm*) missing="$missing libnewlib-arm-none-eabi" ;; esac
if [ ! -x "$venv/bin/python" ] && ! python3 -c 'import ensurepip' 2>/dev/null; then missing="$missing python3-venv"; fi
root=
[ "$(id -u)" = 0 ] || root="sudo -n"
may_install() { command -v apt-get >/dev/null 2>&1 && $root true 2>/dev/null; }
apt_install() { # PACKAGES
    say "installing $*"
    $root apt-get update -qq >&2 || say "apt-get could not update the package lists"
    $root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}
if [ -n "$missing" ]; then
    if may_install; then
        if ! apt_install $missing; then
            refuse "apt-get could not install$missing; install them by hand"
        fi
    else
        refuse "please install:$missing   (Debian, Ubuntu: sudo apt-get install$missing)"
    fi
fi

# --- packages
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
lock_of() {
    "$venv/bin/python" - "$1" <<'PYTHON'
import sys, tomllib
with open("pyproject.toml", "rb") as file:
    print("\n".join(tomllib.load(file)["dependency-groups"][sys.argv[1]]))
PYTHON
}
pip_install() { # OPTIONS; xargs handles the quotes in PIP_FLAGS as a shell would, and expands nothing
    printf '%s\n' "${PIP_FLAGS:-}" | xargs "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@"
}
install() { # GROUP: the packages of its lock into VENV, unless they are there
    lock=$(lock_of "$1")
    [ "$lock" != "$(cat "$venv/jerboa-$1.lock" 2>/dev/null)" ] || return 0
    say "installing the Python packages of group $1 into $venv (takes minutes)"
    printf '%s\n' "$lock" > "$venv/requirements.txt"
    "$venv/bin/python" -c 'import pip' 2>/dev/null || "$venv/bin/python" -m ensurepip >&2 || return 1
    if [ "${HASHES:-1}" != 0 ] && ! pip_install --no-deps --require-hashes -r "firmware/locks/$1.txt"; then
        say "if hashes differ because a mirror has builds of its own: make setup HASHES=0"
        return 1
    fi
    pip_install -r "$venv/requirements.txt" || return 1 # torch, whose builds differ by index, and what is not there yet
    printf '%s\n' "$lock" > "$venv/jerboa-$1.lock"
}
install base || refuse "pip could not install the packages; see above"
# Optional, tried once: PortAudio for a microphone (on Linux sounddevice does not bring it), and flite as a second synthesizer.
tried=$venv/jerboa-good-to-have.tried
if [ ! -e "$tried" ]; then
    if ! "$venv/bin/python" -c 'import sounddevice' 2>/dev/null; then
        { may_install && apt_install libportaudio2; } || say "no libportaudio2: \`make listen\` works with recordings only, without a microphone"
    fi
    if ! command -v flite >/dev/null 2>&1; then
        { may_install && apt_install flite; } || say "no flite: running speech has the voices of espeak-ng only"
    fi
    : > "$tried"
fi
left_out=$venv/jerboa-tflite.left-out
case "${TFLITE:-}" in
    0) : > "$left_out" ;;
    1) rm -f "$left_out" ;;
esac
if [ ! -e "$left_out" ] && ! install tflite; then
    say "tensorflow could not be installed: no TFLite artefacts will be made (make setup TFLITE=1 tries again)"
    : > "$left_out"
fi
for group in ${WITH:-}; do
    lock_of "$group" >/dev/null 2>&1 || refuse "WITH=$group: pyproject.toml has no such group of packages"
    : > "$venv/jerboa-$group.wanted"
done
for wanted in "$venv"/jerboa-*.wanted; do
    [ -e "$wanted" ] || continue
    group=${wanted##*/jerboa-} group=${group%.wanted}
    if ! install "$group"; then
        say "group $group could not be installed (make setup WITH=$group tries again)"
        rm -f "$wanted"
    fi
done
