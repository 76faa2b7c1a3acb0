#!/bin/sh
# Makes the root file system of the base image from Debian's registry: debian.sh FILE.tar
set -eu
exec mmdebstrap --quiet --variant=apt --include=python3,python3-pip,python3-venv,ca-certificates,netbase,tzdata \
    --aptopt='Acquire::Languages "none"' --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' bookworm "$1" http://deb.debian.org/debian
