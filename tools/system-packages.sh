#!/bin/sh
# Installs Debian or Ubuntu packages, only those that are missing: those named, or what the tests need.
# `make run` needs none of them. system-packages.sh [PACKAGE...]
set -eu

TESTS="
postgresql
iproute2
slapd
ldap-utils
chromium
openjdk-17-jdk-headless
maven
fonts-noto-cjk
tesseract-ocr
tesseract-ocr-chi-sim
tesseract-ocr-chi-tra
poppler-utils
sane-utils
libatomic1
faketime
"
PACKAGES=${*:-$TESTS}

# Newer releases have newer Javas.
alternatives() {
    case "$1" in
        openjdk-17-jdk-headless) echo "openjdk-17-jdk-headless openjdk-21-jdk-headless default-jdk-headless" ;;
        *) echo "$1" ;;
    esac
}

installed() {
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

available() {
    [ -n "$(apt-cache search --names-only "^$1\$" 2>/dev/null)" ]
}

any_installed() {
    for candidate in $(alternatives "$1"); do
        if installed "$candidate"; then return 0; fi
    done
    return 1
}

first_available() {
    for candidate in $(alternatives "$1"); do
        if available "$candidate"; then echo "$candidate"; return 0; fi
    done
    echo "$1"
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

missing=""
for package in $PACKAGES; do
    any_installed "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "These Debian packages are needed, or what your system calls them:$missing" >&2
    exit 1
fi

echo "Installing:$missing"
export DEBIAN_FRONTEND=noninteractive
as_root apt-get update -q
# The tests start a directory server of their own; the package is not to set one up on this machine.
case "$missing" in
    *slapd*) echo "slapd slapd/no_configuration boolean true" | as_root debconf-set-selections ;;
esac
chosen=""
for package in $missing; do
    chosen="$chosen $(first_available "$package")"
done
# shellcheck disable=SC2086  # a list of words on purpose
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $chosen
