#!/bin/sh
# Makes the Python environment VENV from the locks in pyproject.toml, and installs the tools that are missing.
#   setup.sh GROUP...      GROUP: base, tflite (a table of [dependency-groups] in pyproject.toml)
# A second run with the same locks sets nothing up again.
set -eu
venv=${VENV:-.venv}
say() { printf 'setup: %s\n' "$*" >&2; }

# --- tools
missing=
need() { command -v "$1" >/dev/null 2>&1 || missing="$missing $2"; }
need arm-none-eabi-gcc gcc-arm-none-eabi
need qemu-system-arm qemu-system-arm
command -v "${CC:-cc}" >/dev/null 2>&1 || command -v gcc >/dev/null 2>&1 || missing="$missing gcc libc6-dev"
if [ -z "$missing" ] && [ ! -e "$(arm-none-eabi-gcc -print-file-name=nano.specs)" ]; then missing=" libnewlib-arm-none-eabi"; fi
case "$missing" in *gcc-arm*) missing="$missing libnewlib-arm-none-eabi" ;; esac
if [ ! -x "$venv/bin/python" ] && ! python3 -c 'import ensurepip' 2>/dev/null; then missing="$missing python3-venv"; fi
if [ -n "$missing" ]; then
    root=
    [ "$(id -u)" = 0 ] || root="sudo -n"
    if command -v apt-get >/dev/null 2>&1 && $root true 2>/dev/null; then
        say "installing$missing"
        { $root apt-get update -qq && $root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing; } >&2
    else
        say "please install:$missing   (Debian, Ubuntu: sudo apt-get install$missing)"
        exit 1
    fi
fi

# --- Python
python=python3
[ ! -x "$venv/bin/python" ] || python=$venv/bin/python
if ! "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'; then
    say "Python 3.11, 3.12 or 3.13 is needed, and $python is $("$python" -V 2>&1)"
    exit 1
fi
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
for group; do
    lock=$("$venv/bin/python" - "$group" <<'PYTHON'
import sys, tomllib
with open("pyproject.toml", "rb") as file:
    print("\n".join(tomllib.load(file)["dependency-groups"][sys.argv[1]]))
PYTHON
    )
    stamp=$venv/jerboa-$group.lock
    if [ "$lock" != "$(cat "$stamp" 2>/dev/null)" ]; then
        say "installing the Python packages of $group into $venv (minutes)"
        printf '%s\n' "$lock" > "$venv/$group.txt"
        if ! "$venv/bin/python" -m pip install --quiet --disable-pip-version-check ${PIP_FLAGS:-} -r "$venv/$group.txt"; then
            [ "$group" = tflite ] || { say "pip could not install $group; see above"; exit 1; }
            say "tensorflow could not be installed: the TFLite artefacts are left out"
            continue
        fi
        printf '%s\n' "$lock" > "$stamp"
    fi
done
