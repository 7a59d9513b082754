#!/bin/sh
# Writes constraints.txt: what a fresh environment gets today, so that every later one gets the same. constraints.sh PYTHON
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

sh tools/virtual-environment.sh "$1" "$work/venv"
# Pyramid imports pkg_resources, of which setuptools warns on every start since 80.9.
"$work/venv/bin/python" -m pip install -q --upgrade --upgrade-strategy eager '.[bench]' 'setuptools<80.9'
"$work/venv/bin/python" -m pip freeze --all --exclude danggui --exclude pip >"$work/frozen.txt"
cp "$work/frozen.txt" constraints.txt
