#!/bin/sh
# Make sure that what PDF sheets need from the system is there: Debian's packages, where we may install them.
set -eu
cd "$(dirname "$0")/../.."
if .venv/bin/python -c 'from assistant.handout import pdf; pdf.library()' 2>/dev/null; then exit 0; fi
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "Installing Pango for PDF sheets"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core >/dev/null
else
    echo "The tests of PDF sheets need Pango: run .venv/bin/backline doctor, which says how to get it, and run again." >&2
    exit 1
fi
