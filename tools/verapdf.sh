#!/bin/sh
# Fetches the PDF/A validator (veraPDF, MPL-2.0 or GPL-3.0) once per user from Maven Central; prints where its jars are.
set -eu

pom=$(dirname "$0")/../tests/servers/verapdf/pom.xml
version=$(sed -n 's:^  <version>\(.*\)</version>$:\1:p' "$pom")

cache=${DANGGUI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/danggui}
jars=$cache/verapdf-$version

if [ -d "$jars" ]; then
    echo "$jars"
    exit 0
fi

# The whole folder moves into place, so that a fetch that was broken off is done again.
mkdir -p "$cache"
work=$(mktemp -d "$cache/verapdf.XXXXXX")
trap 'rm -rf "$work"' EXIT
mvn -q -B -f "$pom" dependency:copy-dependencies -DoutputDirectory="$work/jars"
mv "$work/jars" "$jars"
echo "$jars"
