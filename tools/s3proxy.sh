#!/bin/sh
# Fetches the second S3 server of the tests (S3Proxy, Apache-2.0) once per user from Maven Central; prints where it is.
set -eu

pom=$(dirname "$0")/../tests/servers/s3proxy/pom.xml
version=$(sed -n 's:^  <version>\(.*\)</version>$:\1:p' "$pom")

cache=${DANGGUI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/danggui}
jars=$cache/s3proxy-$version

if [ -d "$jars" ]; then
    echo "$jars"
    exit 0
fi

# The whole folder moves into place, so that a fetch that was broken off is done again.
mkdir -p "$cache"
work=$(mktemp -d "$cache/s3proxy.XXXXXX")
trap 'rm -rf "$work"' EXIT
mvn -q -B -f "$pom" dependency:copy-dependencies -DoutputDirectory="$work/jars"
mv "$work/jars" "$jars"
echo "$jars"
