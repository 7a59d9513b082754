#!/bin/sh
# Makes the virtual environment: virtual-environment.sh PYTHON FOLDER. Says what to install where that cannot be done.
set -eu

python=$1
folder=$2

fail() {
    echo "make: $1" >&2
    exit 1
}

command -v "$python" >/dev/null 2>&1 || fail "there is no $python; install Python 3.11 or newer (apt-get install python3 python3-venv)"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "$("$python" --version) is too old; Danggui needs 3.11 or newer (choose one with: make PYTHON=python3.11 run)"

has() {
    "$python" -c "import $1" 2>/dev/null
}

# Debian keeps a part of venv (ensurepip) in a package of its own; virtualenv or the system's pip can stand in for it.
if has ensurepip && has venv; then
    "$python" -m venv "$folder"
elif has virtualenv; then
    "$python" -m virtualenv -q "$folder"
elif command -v virtualenv >/dev/null 2>&1; then
    virtualenv -q -p "$python" "$folder"
elif has pip && has venv; then
    "$python" -m venv --without-pip "$folder"
    "$python" -m pip -q --python "$folder/bin/python" install pip
else
    fail "this Python cannot make virtual environments (ensurepip is missing); install it with: apt-get install python3-venv"
fi

# The pip that older systems bring gives up on our pins, or tries for minutes; this one settles them in seconds.
"$folder/bin/python" -m pip install -q --disable-pip-version-check "pip==26.3"
