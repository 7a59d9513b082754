#!/bin/sh
# Installs what the measurements of ingest need: the faces of office documents, and the programs that figures stand beside.
set -eu

tools=$(dirname "$0")
sh "$tools/system-packages.sh" fonts-noto-cjk fonts-arphic-uming fonts-arphic-ukai fonts-cwtex-fs fonts-cwtex-ming \
    fonts-cwtex-kai fonts-liberation ghostscript poppler-utils tesseract-ocr tesseract-ocr-chi-sim \
    tesseract-ocr-chi-tra tesseract-ocr-chi-tra-vert openjdk-17-jdk-headless maven
sh "$tools/verapdf.sh" >/dev/null

# The Fandol faces come in a package of 49 MB with much else: only they are unpacked, once per user.
fonts=${DANGGUI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/danggui}/fonts
[ -d "$fonts" ] && exit 0
mkdir -p "$(dirname "$fonts")"
work=$(mktemp -d "$fonts.XXXXXX")
trap 'rm -rf "$work"' EXIT
(cd "$work" && apt-get -q -o APT::Sandbox::User=root download texlive-lang-chinese && dpkg -x ./*.deb unpacked)
mkdir "$work/fonts"
find "$work/unpacked" -path '*fandol*' -name 'Fandol*.otf' -exec cp {} "$work/fonts" \;
mv "$work/fonts" "$fonts"
